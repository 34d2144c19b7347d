import { describe, expect, test } from 'vitest';
import { buryMoved } from '../../../../lib/core/moving/bury-moved.js';
import { createMover } from '../../../../lib/core/moving/create-mover.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { fromDocuments } from '../../../../lib/moving-in/index.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';
import { codec } from '../../../support/core/codec.js';
import { Browser, MINUTE } from '../../../support/core/world.js';

/** One old session, nobody's unless `data` says whose, whose decoding takes as long as `onDecode` does. */
function setUp(onDecode: () => Promise<void> = async () => {}, data: object = {}, given: SessionOptions = {}) {
  const clock = new TestClock(Date.UTC(2030, 0, 2));
  const memory = new MemorySessionStore();
  const originals = new Map<unknown, Record<string, unknown>>([['old', { _id: 'old' }]]);
  const source = fromDocuments({
    ...{ collection: 'old_sessions', cookie: 'old', until: '2030-03-01' },
    secrets: ['a secret of thirty-two characters'],
    userId: ({ user }) => user as unknown,
    idOf: (value) => value,
    async decode() {
      await onDecode();
      return { data: { cart: 'tea', ...data } };
    },
  });
  const process = () => {
    const options = resolveOptions({ store: memory, clock, movingIn: [source], ...given });
    const hooks = { emit() {}, log: { warn() {}, error() {} } };
    const documents = {
      collectionName: 'old_sessions',
      find: async (_: string, id: unknown) => originals.get(id),
      remove: async (_: string, id: unknown) => void originals.delete(id),
    };
    return new Registration(options, buryMoved(memory, clock), codec, hooks, createLoginProtocol, (context, protocol) =>
      createMover(
        context,
        protocol,
        () => documents,
        () => clock.now(),
      ),
    );
  };
  const visit = () => new Browser({ registration: process() }, 'old=old').begin();
  return { clock, memory, originals, visit };
}

/** Others change each user before this store does, until the returned function is called. */
function outrun(memory: MemorySessionStore): () => void {
  const lost = { changeUser: async () => false, insertUser: async () => false };
  Object.assign(memory, lost);
  return () => Object.keys(lost).forEach((name) => Reflect.deleteProperty(memory, name));
}

describe('OldSessionMover', () => {
  test('starts again when it takes longer than a minute, so that no slow request revives an ended session', async () => {
    let decodes = 0;
    const world = setUp(async () => {
      decodes += 1;
      if (decodes > 1) return;
      // Meanwhile another request moves the session and ends it, and its tombstone goes.
      const other = await world.visit();
      await other.session.destroy();
      await other.end();
      world.clock.advance(11 * MINUTE);
      world.memory.clear();
    });
    const slow = await world.visit();
    expect(slow.session.isNew).toBe(true);
    expect(world.memory.size).toBe(0);
    expect(decodes).toBe(2);
  });

  test('moves the session in its second attempt, if nobody else has', async () => {
    let decodes = 0;
    const world = setUp(async () => {
      decodes += 1;
      if (decodes === 1) world.clock.advance(2 * MINUTE);
    });
    const visit = await world.visit();
    expect(visit.session['cart']).toBe('tea');
    expect(decodes).toBe(2);
    expect(world.originals.size).toBe(0);
  });

  test('gives up after five attempts, with a 503', async () => {
    const world = setUp(async () => world.clock.advance(2 * MINUTE));
    const visit = await world.visit();
    expect(() => visit.session).toThrow(expect.objectContaining({ status: 503 }));
    expect([world.originals.size, world.memory.size]).toEqual([1, 0]);
  });

  test.each([
    ['with maxSessions', { maxSessions: 1 }],
    ['without a limit', {}],
  ])('keeps the session when other logins of its user come first each time, %s', async (_, options) => {
    const world = setUp(undefined, { user: 'ada' }, options);
    await world.memory.insertUser({ userId: 'ada', seats: [], revision: 'a'.repeat(24), expiresAt: Infinity });
    const release = outrun(world.memory);
    const refused = await world.visit();
    expect(() => refused.session).toThrow(expect.objectContaining({ status: 503 }));
    await refused.end();
    expect(refused.exchange.cookies).toEqual([]);
    release();
    const visit = await world.visit();
    expect([visit.session.userId, visit.session['cart']]).toEqual(['ada', 'tea']);
    expect((await world.memory.findUsers(['ada'])).users[0]!.seats).toEqual([visit.session.handle]);
  });

  test('keeps the session when the seats of its user can not be counted', async () => {
    const world = setUp(undefined, { user: 'ada' }, { maxSessions: 1 });
    const release = outrun(world.memory);
    const refused = await world.visit();
    expect(() => refused.session).toThrow(expect.objectContaining({ status: 503 }));
    release();
    expect((await world.visit()).session['cart']).toBe('tea');
  });
});
