// A process that takes over old sessions on MongoDB, and can be stopped before each of its calls to the database.
import type { mongo } from 'mongoose';
import { systemClock } from '../../../../lib/core/clock.interface.js';
import { buryMoved } from '../../../../lib/core/moving/bury-moved.js';
import { createMover } from '../../../../lib/core/moving/create-mover.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { RequestCycle } from '../../../../lib/core/request/request-cycle.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import type { MovingStore, SessionObject, SessionStore } from '../../../../lib/index.js';
import { createMongoStore } from '../../../../lib/mongo/create-mongo-store.js';
import { fromConnectMongo, fromCookie } from '../../../../lib/moving-in/index.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';

export const OLD_SESSIONS = 'old_sessions';
export const NEW_SESSIONS = 'new_sessions';
/** Cookies that hold the session itself start with it. */
export const SEALED = 'sealed-';
/** That of `oldSession()`, which signs the cookies of the originals. */
const OLD_SECRET = 'keyboard cat';
const SECRET = 'a secret of thirty-two characters';
const until = new Date(Date.now() + 30 * 86_400_000);

export interface MoverSetting {
  readonly client: mongo.MongoClient;
  readonly dbName?: string | undefined;
  /** In the order of the calls, of which the first is 0. */
  readonly beforeCall?: (call: number) => Promise<void>;
  readonly timeoutMs?: number;
}

/** What a request with that cookie has found. */
export interface Visited {
  readonly isNew: boolean;
  readonly cart: unknown;
  readonly userId: unknown;
}

export class MoverProcess {
  readonly #registration: Registration;
  #calls = 0;

  constructor(private readonly setting: MoverSetting) {
    const { client, dbName, timeoutMs = 10_000 } = setting;
    const log = { warn() {}, error() {} };
    const source = { client, ...(dbName !== undefined && { dbName }), collection: NEW_SESSIONS };
    const settings = { indexes: 'off', failFast: false, clock: systemClock, cleanup: 'off' } as const;
    const { store, codec, openDocuments } = createMongoStore({ source, log, timeoutMs, ...settings });
    const stepped = this.#stepped(store as SessionStore & MovingStore);
    const shared = { until, userId: ({ user }: Record<string, unknown>) => user };
    const movingIn = [
      fromConnectMongo({ ...shared, secrets: [OLD_SECRET], collection: OLD_SESSIONS, cookie: 'connect.sid' }),
      fromCookie({
        ...shared,
        ...{ cookie: 'sealed', secrets: [SECRET] },
        decode: ([value = '']) => (value.startsWith(SEALED) ? { data: { cart: 'tea', user: 'ada' } } : undefined),
      }),
    ];
    this.#registration = new Registration(
      resolveOptions({ store: stepped, movingIn, timeoutMs }),
      buryMoved(stepped, systemClock),
      codec,
      { emit() {}, log },
      createLoginProtocol,
      (context, protocol) => createMover(context, protocol, (given) => this.#stepped(openDocuments!(given))),
    );
  }

  /** A request with that `Cookie` header. Rejects if its response would be an error. */
  async visit(cookie: string, act: (session: SessionObject) => unknown = () => {}): Promise<Visited> {
    const exchange = new FakeExchange(cookie);
    const cycle = new RequestCycle(this.#registration, exchange);
    await cycle.open();
    const session = cycle.session as SessionObject & { cart?: unknown };
    const { isNew, cart, userId } = session;
    await act(session);
    await cycle.commit();
    exchange.headersSent = true;
    return { isNew, cart, userId };
  }

  #stepped<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member = Reflect.get(of, name, of) as unknown;
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await this.setting.beforeCall?.(this.#calls++);
          return (member as (...all: unknown[]) => unknown).apply(of, args);
        };
      },
    });
  }
}
