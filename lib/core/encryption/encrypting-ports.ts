import {
  isCountableStore,
  isMovingStore,
  isSeatStore,
  isSweepableStore,
  isUserSessionStore,
  isWatchableStore,
} from '../store/store-ports.js';
import type { CountableStore } from '../store/countable-store.interface.js';
import type { MovingStore } from '../store/moving-store.interface.js';
import type { SeatStore } from '../store/seat-store.interface.js';
import type { SessionStore, StoredSession } from '../store/session-store.interface.js';
import type { SweepableStore } from '../store/sweepable-store.interface.js';
import type { TakenSession, UserSessionStore } from '../store/user-session-store.interface.js';
import type { WatchableStore } from '../store/watchable-store.interface.js';
import { openDocument, sealDocument } from './sealed-document.js';
import type { SessionSealer } from './session-sealer.js';

type Ports = UserSessionStore & SeatStore & SweepableStore & WatchableStore & MovingStore & CountableStore;

/** For the store that encrypts: the methods of exactly those ports that the inner store has. */
export function encryptPorts(store: SessionStore, sealer: SessionSealer): Partial<Ports> {
  return {
    ...(isSweepableStore(store) && {
      findExpired: (...given) => store.findExpired(...given),
      take: (...given) => takeOpened(store, sealer, given),
    }),
    ...(isUserSessionStore(store) && userPort(store, sealer)),
    ...(isSeatStore(store) && {
      findUsers: (userIds) => store.findUsers(userIds),
      insertUser: (user) => store.insertUser(user),
      changeUser: (...given) => store.changeUser(...given),
      findSeated: (...given) => store.findSeated(...given),
    }),
    ...(isWatchableStore(store) && {
      peek: (handles) => store.peek(handles),
      ...(store.listen && { listen: (...given) => store.listen!(...given) }),
    }),
    ...(isMovingStore(store) && {
      insertIfFree: async (session) => store.insertIfFree(await sealSession(sealer, session)),
      take: (...given) => takeOpened(store, sealer, given),
      bury: async (...given) => openTaken(sealer, await store.bury(...given)),
    }),
    ...(isCountableStore(store) && { count: (after) => store.count(after) }),
  } satisfies Partial<Ports>;
}

function userPort(store: UserSessionStore, sealer: SessionSealer): UserSessionStore {
  return {
    async findByUser(userId, limit) {
      const sessions = await store.findByUser(userId, limit);
      return Promise.all(sessions.map((session) => sealer.openDevice(session)));
    },
    handlesOf: (...given) => store.handlesOf(...given),
    take: (...given) => takeOpened(store, sealer, given),
    async describe(handle, owner, change) {
      const set = change.set && (await sealer.sealElements(handle, change.set));
      return store.describe(handle, owner, { ...change, ...(set && { set }) });
    },
  };
}

/** A new session with its values sealed. */
export async function sealSession(sealer: SessionSealer, session: StoredSession): Promise<StoredSession> {
  const data = sealDocument(await sealer.sealing(session), session.data);
  return { ...(await sealer.sealDevice(session.handle, session)), data };
}

async function takeOpened(
  store: Pick<UserSessionStore, 'take'>,
  sealer: SessionSealer,
  given: Parameters<UserSessionStore['take']>,
): Promise<TakenSession | undefined> {
  return openTaken(sealer, await store.take(...given));
}

/** Never fails after the removal, even if there are no keys or the data can't be decrypted. */
async function openTaken(sealer: SessionSealer, taken: TakenSession | undefined): Promise<TakenSession | undefined> {
  if (!taken) return undefined;
  const { data: sealed, device, ...session } = taken;
  const [data, known] = await Promise.all([
    sealed && sealer.open(session, (sealing) => openDocument(sealing, sealed)).catch(() => undefined),
    device && sealer.openDevice({ ...session, device }).catch(() => undefined),
  ]);
  return { ...session, ...(known && { device: known.device }), ...(data && { data }) };
}
