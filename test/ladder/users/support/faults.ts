// Seeded faults: what other libraries do, and what the protocol of a login must not leave out.
import type { LoginProtocol } from '../../../../lib/core/lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../../../../lib/core/lifecycle/session-context.js';
import type { StoredUser } from '../../../../lib/index.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { UserDirectory } from '../../../../lib/core/users/user-directory.js';
import { UserRecords } from '../../../../lib/core/users/user-records.js';
import { currentRacer } from '../../races/support/racer.js';
import type { ActorName } from './actors.js';
import { aroundStore, type Crash, type UserStore } from './stepped-users.js';
import type { Seed, Setting, Violation } from './user-race.js';

export interface UserFault extends Seed {
  readonly name: string;
  readonly race: readonly ActorName[];
  readonly setting: Setting;
  readonly crash?: Crash;
  /** Orders chosen by chance, where there are too many. */
  readonly samples?: number;
  /** What has to catch it, among others. */
  readonly caughtBy: Violation;
}

const FULL: Setting = { limit: 1, policy: 'endIdlest', before: 1, isSeated: true };
const TWO: Setting = { limit: 2, policy: 'endIdlest', before: 2, isSeated: true };
const UNCOUNTED: Setting = { limit: 1, policy: 'endIdlest', before: 0, isSeated: false };

export const USER_FAULTS: readonly UserFault[] = [
  {
    name: 'no revision in the compare-and-set',
    race: ['a login', 'a login'],
    setting: { ...FULL, before: 0 },
    samples: 40,
    caughtBy: 'over',
    store: (store) =>
      aroundStore(store, async (name, args, call) => {
        if (name !== 'changeUser') return call();
        const [user] = args as [StoredUser];
        const [present] = (await store.findUsers([user.userId])).users;
        return present ? store.changeUser(user, present.revision) : false;
      }),
  },
  {
    name: 'victims are not ended',
    race: ['a login', 'a login'],
    setting: FULL,
    samples: 20,
    caughtBy: 'over',
    store: (store) =>
      aroundStore(store, (name, args, call) => (name === 'take' ? store.find(args[0] as string) : call())),
  },
  {
    name: 'the document of the user is built after the write',
    race: ['a login', 'a login'],
    setting: UNCOUNTED,
    samples: 40,
    caughtBy: 'under',
    protocol: (context) => {
      const protocol = createLoginProtocol(context);
      return {
        async run(attempt, write) {
          const handle = await write();
          return protocol.run(attempt, async () => handle);
        },
      };
    },
  },
  {
    name: 'no stamp',
    race: ['a login', 'revokeAll'],
    setting: { ...TWO, before: 1 },
    caughtBy: 'survivor',
    store: (store) =>
      aroundStore(store, async (name, _, call) => {
        if (name !== 'findUsers') return call();
        const read = (await call()) as Awaited<ReturnType<UserStore['findUsers']>>;
        return { ...read, users: read.users.map((user) => user && withoutStamp(user)) };
      }),
  },
  {
    name: 'count, then insert',
    race: ['a login', 'a login'],
    setting: { ...FULL, before: 0 },
    caughtBy: 'over',
    protocol: countThenInsert,
  },
  {
    name: 'the stamp after the removal',
    race: ['a login without a limit', 'revokeAll'],
    setting: { ...TWO, before: 1 },
    caughtBy: 'survivor',
    directory: (context) => new StampingLate(context),
  },
  {
    name: "the compare-and-set before the victims' end",
    race: ['a login', 'a login'],
    setting: TWO,
    crash: { index: 0, at: 5 },
    samples: 60,
    caughtBy: 'over',
    store: takingLate,
  },
  {
    name: 'seats found before the document is inserted',
    race: ['a login', 'a login without a limit'],
    setting: UNCOUNTED,
    caughtBy: 'over',
    store: countingEarly,
  },
  {
    name: 'no new revision by a login without a limit',
    race: ['a login', 'a login without a limit'],
    setting: UNCOUNTED,
    caughtBy: 'over',
    store: (store) =>
      aroundStore(store, (name, args, call) => {
        const [user] = args as [StoredUser];
        return name === 'changeUser' && !user.seats ? Promise.resolve(true) : call();
      }),
  },
  {
    name: 'the seat of a session that was somebody else in between counts as kept',
    race: ['a login', 'a login as another and back'],
    setting: TWO,
    samples: 400,
    caughtBy: 'over',
    protocol: (context) => {
      const protocol = createLoginProtocol(context);
      return { run: (attempt, write) => protocol.run({ ...attempt, isSameUser: true }, write) };
    },
  },
  {
    name: 'revoke without the owner',
    race: ['a login', 'a stranger revokes'],
    setting: TWO,
    caughtBy: 'foreign',
    store: (store) =>
      aroundStore(store, (name, args, call) => (name === 'take' ? store.take(args[0] as string, {}) : call())),
  },
];

function withoutStamp({ revokedAt: _, spared: __, ...user }: StoredUser): StoredUser {
  return user;
}

/** What others do. */
export function countThenInsert({ store, options }: SessionContext): LoginProtocol {
  const users = store as UserStore;
  return {
    async run({ userId, maxSessions = options.maxSessions }, write) {
      const living = await users.findByUser(userId, 1000);
      for (const { handle } of living.slice(maxSessions! - 1)) await users.take(handle, { userId });
      await write();
    },
  };
}

class StampingLate extends UserDirectory {
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    super(context);
    this.#context = context;
  }

  override async revokeAll(userId: unknown): Promise<number> {
    const store = this.#context.store as UserStore;
    const handles = await store.handlesOf(userId, undefined, 1000);
    for (const handle of handles) await store.take(handle, { userId });
    await new UserRecords(this.#context, store).stamp(userId);
    return handles.length;
  }
}

/** Victims are only ended when the new seats are there. */
function takingLate(store: UserStore): UserStore {
  const late = new Map<unknown, string[]>();
  return aroundStore(store, async (name, args, call) => {
    const racer = currentRacer();
    const victims = late.get(racer) ?? [];
    if (name === 'take') {
      late.set(racer, [...victims, args[0] as string]);
      return store.find(args[0] as string);
    }
    if (victims.length > 0 && name === 'findUsers') {
      late.delete(racer);
      for (const handle of victims) await store.take(handle, {});
    }
    return call();
  });
}

/** The sessions are looked for before the document is there for others to change. */
function countingEarly(store: UserStore): UserStore {
  const counted = new Map<unknown, Promise<unknown>>();
  return aroundStore(store, (name, args, call) => {
    const racer = currentRacer();
    if (name === 'findUsers' && racer && !counted.has(racer))
      counted.set(racer, store.handlesOf((args[0] as unknown[])[0], undefined, 1000));
    return (name === 'handlesOf' && counted.get(racer)) || call();
  });
}
