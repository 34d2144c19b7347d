import type { Clock } from '../clock.interface.js';
import type { Burial, MovingStore } from '../store/moving-store.interface.js';
import type { SessionStore, WriteTarget } from '../store/session-store.interface.js';
import { PORT_METHODS } from '../store/store-ports.js';
import type { SessionHandle } from '../token/session-token.js';

/** Longer than any insert of a session that was read before its end can be on its way. */
const TOMBSTONE_MS = 10 * 60_000;

const METHODS: readonly string[] = [
  ...['find', 'insert', 'update', 'replaceSecret', 'replaceValue', 'renewToken', 'start', 'stop', 'listen'],
  ...Object.values(PORT_METHODS).flat(),
];

/**
 * The store, with every end of a session that was moved recently leaving a tombstone: a mover that
 * has read the session's original before its end finds the handle taken, and can't revive it.
 */
export function buryMoved(store: SessionStore & MovingStore, clock: Clock): SessionStore {
  const members = store as unknown as Record<string, unknown>;
  const present = METHODS.filter((name) => typeof members[name] === 'function');
  const passedOn = present.map((name) => [name, (members[name] as () => unknown).bind(store)]);
  const bury = (handle: SessionHandle, conditions: Partial<Burial>, now: number) =>
    store.bury(handle, { ...conditions, now, movedAfter: now - TOMBSTONE_MS, until: now + TOMBSTONE_MS });
  /**
   * What was not moved recently needs none. In this order: what is moved between the two commands
   * gets one.
   */
  const take: MovingStore['take'] = async (handle, owner) => {
    const now = clock.now();
    const old = { ...owner, notMovedAfter: now - TOMBSTONE_MS };
    return (await store.take(handle, old)) ?? bury(handle, owner, now);
  };
  const ends = {
    async removeIfEmpty(target: WriteTarget) {
      const { handle, epoch } = target;
      const buried = await bury(handle, { epoch, ifEmpty: true }, clock.now());
      return buried !== undefined || store.removeIfEmpty(target);
    },
    remove: async (handle: SessionHandle) => (await take(handle, {})) !== undefined,
    take,
  };
  return { ...(Object.fromEntries(passedOn) as SessionStore), ...ends };
}
