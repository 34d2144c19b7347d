// A store that stops the request which calls it, so that every order of their steps can be tried.
import { EVERYBODY } from '../../../../lib/core/store/user-session-store.interface.js';
import { SessionError, type SessionStore } from '../../../../lib/index.js';
import type { UserStore as Users } from '../../../../lib/core/users/user-records.js';
import type { TestClock } from '../../../../lib/testing/index.js';
import { type Racer, currentRacer } from '../../races/support/racer.js';

export type UserStore = SessionStore & Users;
/** What happens in place of a call of the store. */
export type Around = (
  name: keyof UserStore,
  args: readonly unknown[],
  call: () => Promise<unknown>,
) => Promise<unknown>;

/** The same store, each call of which goes through a function. */
export function aroundStore(store: UserStore, around: Around): UserStore {
  return new Proxy(store, {
    get(target, name: keyof UserStore) {
      const member = target[name] as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        around(name, args, async () => (member as (...all: unknown[]) => unknown).apply(target, args));
    },
  });
}

/** A process that is killed before a call: the racer of that index, before its call of that number, the first of which is 0. */
export interface Crash {
  readonly index: number;
  readonly at: number;
}

/**
 * Stops before each call that others can notice: after the read of the user's document, after the write, before the
 * compare-and-set, after each victim, after the stamp, after the search. What one request does at the same time is done one
 * after the other, or its steps could not be told apart.
 */
export function steppedUsers(
  store: UserStore,
  clock: TestClock,
  { crash, stopsAtEverybody }: { readonly crash: Crash | undefined; readonly stopsAtEverybody: boolean },
): UserStore {
  const busy = new WeakMap<Racer, Promise<unknown>>();
  const calls = new WeakMap<Racer, number>();
  return aroundStore(store, (name, [first], call) => {
    const racer = currentRacer();
    if (!racer || name === 'find') return call();
    const step = async () => {
      const count = calls.get(racer) ?? 0;
      calls.set(racer, count + 1);
      // What is kept of everybody alone: nobody writes it here but who revokes everybody.
      const isUnnoticed = !stopsAtEverybody && Array.isArray(first) && first.length === 1 && first[0] === EVERYBODY;
      if (count > 0 && !isUnnoticed) await racer.pause('before applied');
      if (crash?.index === racer.index && count >= crash.at)
        throw new SessionError('SESSION_STORE_UNAVAILABLE', 'The process is dead.');
      clock.advance(1);
      return call();
    };
    const done = (busy.get(racer) ?? Promise.resolve()).then(step, step);
    busy.set(racer, done);
    return done;
  });
}
