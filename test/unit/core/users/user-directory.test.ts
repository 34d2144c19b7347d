// Listing and ending the sessions of users, in the core.
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../../../lib/core/errors.js';
import { UserWorld } from '../../../support/core/user-world.js';
import { MINUTE } from '../../../support/core/world.js';

const APP = { cause: 'app' } as const;

describe('list', () => {
  test('shows living sessions of that user only, last used first, without data', async () => {
    const world = new UserWorld();
    const expired = await world.browserOf('ada');
    world.clock.advance(31 * MINUTE);
    const first = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const second = await world.browserOf('ada');
    await world.browserOf('grace');
    world.clock.advance(4 * MINUTE);
    await first.visit();
    const sessions = await world.directory.list('ada', {}, second.handle);
    expect(sessions.map(({ handle, isCurrent }) => [handle, isCurrent])).toEqual([
      [first.handle, false],
      [second.handle, true],
    ]);
    expect(sessions.map(({ handle }) => handle)).not.toContain(expired.handle);
    expect(Object.keys(sessions[0]!).toSorted()).toEqual([
      ...['authenticatedAt', 'createdAt', 'expiresAt', 'handle', 'isCurrent', 'isPermanent', 'lastSeenAt'],
    ]);
    expect(sessions[0]!.lastSeenAt).toEqual(new Date(world.clock.now()));
  });

  test.each([[0], [-1], [1.5], [1001], [Number.NaN], ['5' as unknown as number], [null as unknown as number]])(
    'refuses a limit of %s: SESSION_OPTION_INVALID',
    async (limit) => {
      const world = new UserWorld();
      await expect(world.directory.list('ada', { limit })).rejects.toMatchObject({ code: 'SESSION_OPTION_INVALID' });
      expect(world.calls).toEqual([]);
    },
  );
});

describe('revoke', () => {
  test.each([
    ...['', 'x', '0'.repeat(23), '0'.repeat(25), 'G'.repeat(24), 'A'.repeat(24), 'x'.repeat(1024 * 1024)],
    ...[{ $ne: null }, ['0'.repeat(24)], null, undefined, 5, Object('0'.repeat(24)) as unknown],
  ])('of a handle that is none (#%#) is false, without a query', async (handle) => {
    const world = new UserWorld({ devices: true });
    await world.browserOf('ada');
    world.takeCalls();
    expect(await world.directory.revoke(handle, { userId: 'ada' }, APP)).toBe(false);
    expect(await world.directory.revoke(handle, {}, APP)).toBe(false);
    expect(await world.directory.label(handle, 'ada', 'Kitchen')).toBe(false);
    expect(world.takeCalls()).toEqual([]);
  });

  test.each([
    ['sweep', ['expired']],
    ['ttl', []],
  ] as const)(
    'and a login that take an expired session stand in for the sweeper, with cleanup %s',
    async (cleanup, told) => {
      const world = new UserWorld({ cleanup, maxSessions: 1 });
      const [revoked, replaced] = [await world.browserOf('ada'), await world.browserOf('bob')];
      world.clock.advance(31 * MINUTE);
      world.events.length = 0;
      expect(await world.directory.revoke(revoked.handle, { userId: 'ada' }, { cause: 'app' })).toBe(false);
      expect(world.events.map(({ type }) => type)).toEqual(told);
      await world.browserOf('bob');
      const expired = world.events.filter(({ type }) => type === 'expired');
      expect(expired.map((event) => 'handle' in event && event.handle)).toEqual(
        told.length > 0 ? [revoked.handle, replaced.handle] : [],
      );
    },
  );

  test('of a session that has expired is false, and tells nobody', async () => {
    const world = new UserWorld();
    const browser = await world.browserOf('ada');
    world.clock.advance(31 * MINUTE);
    world.events.length = 0;
    expect(await world.directory.revoke(browser.handle, { userId: 'ada' }, APP)).toBe(false);
    expect(world.events).toEqual([]);
  });

  test('of one session by two at the same time is true once, and told once', async () => {
    const world = new UserWorld();
    const browser = await world.browserOf('ada');
    world.events.length = 0;
    const revoke = () => world.directory.revoke(browser.handle, { userId: 'ada' }, APP);
    expect((await Promise.all([revoke(), revoke()])).toSorted()).toEqual([false, true]);
    expect(world.events).toMatchObject([{ type: 'revoked', cause: 'app', handle: browser.handle }]);
  });
});

describe('label', () => {
  test('names a session of that user, cut and cleaned, and null removes the name', async () => {
    const world = new UserWorld({ devices: true });
    const { handle } = await world.browserOf('ada');
    const labelOf = async () => (await world.directory.list('ada', {}))[0]!.label;
    expect(await world.directory.label(handle, 'ada', `\u202eKitchen\0 ${'x'.repeat(1024 * 1024)}`)).toBe(true);
    expect(await labelOf()).toBe(`Kitchen ${'x'.repeat(92)}`);
    expect(await world.directory.label(handle, 'grace', 'Mine')).toBe(false);
    expect(await world.directory.label(handle, 'ada', null)).toBe(true);
    expect(await labelOf()).toBeUndefined();
  });

  test.each([[5], [{ $set: 1 }], [undefined], [true]])('refuses %j: SESSION_VALUE_REFUSED', async (label) => {
    const world = new UserWorld({ devices: true });
    const { handle } = await world.browserOf('ada');
    const labelled = world.directory.label(handle, 'ada', label);
    await expect(labelled).rejects.toMatchObject({ code: 'SESSION_VALUE_REFUSED' });
  });

  test('without the option devices is refused: SESSION_OPTION_INVALID', async () => {
    const world = new UserWorld();
    const labelled = world.directory.label('0'.repeat(24), 'ada', 'Kitchen');
    await expect(labelled).rejects.toMatchObject({ code: 'SESSION_OPTION_INVALID' });
  });
});

describe('revokeAll', () => {
  test('stamps first, then searches, then removes, and counts them', async () => {
    const world = new UserWorld();
    await world.browserOf('ada');
    await world.browserOf('ada');
    const other = await world.browserOf('grace');
    world.takeCalls();
    expect(await world.directory.revokeAll('ada', { ...APP, reason: 'account disabled' })).toBe(2);
    expect(world.takeCalls()).toEqual(['findUsers', 'insertUser', 'handlesOf', 'take', 'take']);
    expect([await world.count('ada'), await world.isAlive(other)]).toEqual([0, true]);
    expect(world.events.slice(-2)).toMatchObject([
      { type: 'revoked', cause: 'app', reason: 'account disabled' },
      { type: 'revoked', cause: 'app', reason: 'account disabled' },
    ]);
  });

  test('of a user with more than one page of sessions ends all of them', async () => {
    const world = new UserWorld();
    const handles = await seed(world, 2001, 'ada');
    expect(await world.directory.revokeAll('ada', APP, { kept: handles[1500]! })).toBe(2000);
    expect(world.memory.size).toBe(1);
  });
});

describe('a revocation that can not be noted', () => {
  test.each([
    ['a document that can not be read', 'SESSION_STORE_FAILED', 0],
    ['a database that is away', 'SESSION_STORE_UNAVAILABLE', 1],
  ] as const)('because of %s rejects with %s, and leaves %i sessions', async (_what, code, left) => {
    let isBroken = false;
    const world = new UserWorld({}, (name, _, call) =>
      isBroken && name === 'findUsers' ? Promise.reject(new SessionError(code, 'Remove it.')) : call(),
    );
    for (const revoke of [() => world.directory.revokeAll('ada', APP), () => world.directory.revokeEverybody(APP)]) {
      isBroken = false;
      await world.directory.revokeAll('ada', APP);
      world.clock.advance(1);
      await world.browserOf('ada');
      isBroken = true;
      await expect(revoke()).rejects.toMatchObject({ code });
      expect(await world.count('ada')).toBe(left);
    }
  });
});

describe('revokeEverybody', () => {
  test('ends the sessions of all users in pages, and no anonymous one', async () => {
    const world = new UserWorld();
    await seed(world, 1500, 'ada');
    await seed(world, 10, 7);
    const visitor = world.browser();
    await visitor.visit((session) => void (session['cart'] = 1));
    expect(await world.directory.revokeEverybody(APP)).toBe(1510);
    expect(world.memory.size).toBe(1);
  });

  test('leaves alone who has logged in more than a minute after it began', async () => {
    const world: UserWorld = new UserWorld({}, async (name, _, call) => {
      if (name === 'handlesOf' && world.memory.size === 1) {
        world.clock.advance(MINUTE);
        await world.browserOf('grace');
        world.clock.advance(-1);
        await world.browserOf('grace');
        world.clock.advance(1);
      }
      return call();
    });
    await world.browserOf('ada');
    expect(await world.directory.revokeEverybody(APP)).toBe(2);
    expect(await world.count('grace')).toBe(1);
  });
});

async function seed(world: UserWorld, count: number, userId: unknown): Promise<string[]> {
  const now = world.clock.now();
  const handles = Array.from(
    { length: count },
    (_, n) => n.toString(16).padStart(16, '0') + (userId === 'ada' ? 'a' : 'b').repeat(8),
  );
  for (const handle of handles) {
    await world.memory.insert({
      ...{ handle, userId, epoch: 0, createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now + MINUTE },
      ...{ secretHash: new Uint8Array(32), data: new Uint8Array([5, 0, 0, 0, 0]) },
    });
  }
  return handles;
}
