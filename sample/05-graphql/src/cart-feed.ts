import { EventEmitter, on } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { SessionObject } from 'nestjs-mongo-sessions';

/**
 * Tells open subscriptions that a session has changed, by its public name. In this process only: an app that runs in several
 * sends the same names through Redis or MongoDB.
 */
@Injectable()
export class CartFeed {
  readonly #changes = new EventEmitter().setMaxListeners(0);

  publish({ handle }: SessionObject): void {
    this.#changes.emit(handle);
  }

  /**
   * The session, once now and once after every change. Not a generator: one that waits for a change can't be ended, and would
   * stay behind when its socket closes.
   */
  watch(session: SessionObject): AsyncIterableIterator<SessionObject> {
    const changes = on(this.#changes, session.handle);
    let isFirst = true;
    return {
      async next() {
        const { done } = isFirst ? { done: false } : await changes.next();
        isFirst = false;
        return done ? { done, value: undefined } : { value: session };
      },
      async return() {
        await changes.return!();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
