// Many logins of one user at the same moment, through several processes as far as the library can tell, and how many sessions live.
import type { LoginProtocol } from '../../../../lib/core/lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../../../../lib/core/lifecycle/session-context.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { codec } from '../../../support/core/codec.js';
import { Browser } from '../../../support/core/world.js';
import type { UserStore } from './stepped-users.js';

/** So many sessions live whose token has left, so long after the first login was sent. */
export interface Count {
  readonly milliseconds: number;
  readonly sessions: number;
}

let users = 0;

export class ManyLogins {
  readonly #userId = `many ${++users}`;
  readonly #processes: Registration[];
  readonly #released = new Set<string>();

  readonly #store: UserStore;

  /** @param newStore for each process, because logins that share one also share its commands */
  constructor(
    newStore: () => UserStore,
    maxSessions: number,
    protocol: (context: SessionContext) => LoginProtocol = createLoginProtocol,
  ) {
    const hooks = { emit() {}, log: { warn() {}, error() {} } };
    this.#store = newStore();
    this.#processes = [this.#store, newStore(), newStore()].map((store) => {
      const options = resolveOptions({ store, maxSessions, timeoutMs: 60_000 });
      return new Registration(options, store, codec, hooks, protocol);
    });
  }

  /** The count after each login. */
  async run(logins: number): Promise<Count[]> {
    const begin = performance.now();
    const counts: Count[] = [{ milliseconds: 0, sessions: 0 }];
    const logIn = async (registration: Registration) => {
      const browser = new Browser({ registration }, undefined);
      await browser.visit((session) => session.login(this.#userId));
      this.#released.add(browser.handle);
      const sessions = await this.#countReleased();
      counts.push({ milliseconds: Math.round(performance.now() - begin), sessions });
    };
    await Promise.all(Array.from({ length: logins }, (_, n) => logIn(this.#processes[n % this.#processes.length]!)));
    return [...counts, { milliseconds: Math.round(performance.now() - begin), sessions: await this.#countReleased() }];
  }

  /** What was released before the look, as it is during the look: who is released later does not count. */
  async #countReleased(): Promise<number> {
    const released = new Set(this.#released);
    const living = await this.#store.handlesOf(this.#userId, undefined, 1000);
    return living.filter((handle) => released.has(handle)).length;
  }
}
