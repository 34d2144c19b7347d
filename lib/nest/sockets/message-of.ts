import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionContext } from '@nestjs/common';
import type { MessageSession } from '../../sockets/message-session.js';

/** A message within `SaveSession`, and the sessions that its handler has asked for. */
export class MessageScope {
  /** Undefined once the handler is done. What it has left running, such as a timer, stays in it. */
  #sessions: Set<MessageSession> | undefined = new Set();

  constructor(readonly message: object) {}

  get sessions(): Iterable<MessageSession> {
    return this.#sessions ?? [];
  }

  add(session: MessageSession): void {
    this.#sessions?.add(session);
  }

  end(): void {
    this.#sessions = undefined;
  }
}

export const messageScope = new AsyncLocalStorage<MessageScope>();

/** What a socket adapter of Nest calls with each message of one name. */
export interface MessageHandler {
  readonly callback: (...args: unknown[]) => unknown;
}

/** Stands for a message in one gateway. */
class MessageMark {
  readonly of = 'nestjs-mongo-sessions';
}

/**
 * Nest copies the arguments of a message for its guards, its parameters and its filters. A text is
 * the same for all messages, and socket.io hands one object to all gateways. So each message gets
 * one argument more, by which all who handle it in a gateway know it.
 */
export function markMessages(handlers: readonly MessageHandler[]): MessageHandler[] {
  return handlers.map((handler) => ({
    ...handler,
    callback: (data, acknowledge, ...rest) => handler.callback(data, acknowledge, ...rest, new MessageMark()),
  }));
}

/** What stands for the message that a context handles, or for the operation of GraphQL. */
export function messageOf(context: ExecutionContext): object {
  if (context.getType<string>() === 'graphql') return context.getArgByIndex<object>(2);
  const args = context.getArgs<unknown[]>();
  const mark = args.find((arg): arg is MessageMark => arg instanceof MessageMark);
  return mark ?? messageScope.getStore()?.message ?? args;
}
