// The core with users: their sessions are counted, listed and ended, in a store in memory whose calls are observed.
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import type { SessionOptions } from '../../../lib/core/options/session-options.js';
import type { SessionEvent } from '../../../lib/core/lifecycle/session-events.js';
import { Registration } from '../../../lib/core/request/registration.js';
import { MemorySessionStore } from '../../../lib/core/store/memory-session.store.js';
import { createLoginProtocol } from '../../../lib/core/users/login-protocol.js';
import { UserDirectory } from '../../../lib/core/users/user-directory.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { codec } from './codec.js';
import { type AnySession, Browser } from './world.js';

/** Called around each call of the store. */
export type Around = (name: string, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>;

/** A store each call of which goes through a function. */
export function storeAround(store: MemorySessionStore, around: Around): MemorySessionStore {
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        around(String(name), args, async () => (member as (...all: unknown[]) => unknown).apply(target, args));
    },
  });
}

export class UserWorld {
  readonly clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly store: MemorySessionStore;
  /** What the store was asked for. */
  readonly calls: string[] = [];
  readonly events: SessionEvent[] = [];
  readonly warnings: string[] = [];
  readonly registration: Registration;
  readonly directory: UserDirectory;

  /** @param around what happens to each call of the store, in place of the call itself */
  constructor(
    given: SessionOptions = {},
    around: Around = (_, __, call) => call(),
    readonly memory: MemorySessionStore = new MemorySessionStore(),
  ) {
    this.store = storeAround(memory, (name, args, call) => {
      this.calls.push(name);
      return around(name, args, call);
    });
    const options = resolveOptions({ store: this.store, clock: this.clock, ...given });
    const log = { warn: (line: string) => this.warnings.push(line), error: (line: string) => this.warnings.push(line) };
    const hooks = { emit: (event: SessionEvent) => this.events.push(event), log };
    this.registration = new Registration(options, this.store, codec, hooks, createLoginProtocol);
    this.directory = new UserDirectory(this.registration.context);
  }

  browser(): Browser {
    return new Browser(this, undefined);
  }

  /** A browser of a user. */
  async browserOf(userId: string | number): Promise<Browser> {
    const browser = this.browser();
    await browser.visit((session) => session.login(userId));
    return browser;
  }

  /** The calls of the store since the last time. */
  takeCalls(): string[] {
    return this.calls.splice(0);
  }

  /** Whether a browser's token opens a session of a user. */
  async isAlive(browser: Browser): Promise<boolean> {
    let userId: AnySession['userId'];
    await browser.visit((session) => (userId = session.userId));
    return userId !== undefined;
  }

  /** How many living sessions a user has. */
  async count(userId: unknown): Promise<number> {
    return (await this.directory.list(userId, { limit: 1000 })).length;
  }
}
