import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionContext } from '@nestjs/common';
import type { MessageSession } from '../../sockets/message-session.js';

/** A message within `SaveSession`, and the sessions that its handler has asked for. */
export interface MessageScope {
  readonly message: object;
  readonly sessions: Set<MessageSession>;
}

export const messageScope = new AsyncLocalStorage<MessageScope>();

/** Messages of primitive values, by the arguments that guards and interceptors share. */
const messages = new WeakMap<readonly unknown[], object>();
let latest: { readonly args: readonly unknown[]; readonly message: object } | undefined;

/**
 * What stands for the message that a context handles, or for the operation of GraphQL. Nest makes
 * new arguments for the parameters of a handler, so a message is known by its data or its
 * acknowledgement.
 */
export function messageOf(context: ExecutionContext): object {
  if (context.getType<string>() === 'graphql') return context.getArgByIndex<object>(2);
  const args = context.getArgs<unknown[]>();
  const [, data, acknowledge] = args;
  if (isObject(data)) return data;
  return isObject(acknowledge) ? acknowledge : (messageScope.getStore()?.message ?? messageOfPrimitives(args));
}

/**
 * Without an object, the parameters of one handler are known by being asked for in one turn. Two
 * messages that are the same in all parts, and come in the same turn, may share a session.
 */
function messageOfPrimitives(args: readonly unknown[]): object {
  const known = messages.get(args);
  if (known) return known;
  const isSame = latest?.args.length === args.length && args.every((arg, index) => arg === latest!.args[index]);
  const current = isSame ? latest! : { args, message: {} };
  messages.set(args, current.message);
  latest = current;
  queueMicrotask(() => {
    if (latest === current) latest = undefined;
  });
  return current.message;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
