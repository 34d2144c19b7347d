// Revoking a session while a request works on it: nothing brings it back, and none of its tokens opens anything.
import { describe, expect, test } from 'vitest';
import { UserWorld } from '../../../support/core/user-world.js';
import { type AnySession, type Browser, HOUR, MINUTE, type Visit } from '../../../support/core/world.js';

const ACTS: [name: string, act: (session: AnySession) => unknown][] = [
  ['set', (session) => void (session['a'] = 2)],
  ['touch', (session) => session.touch()],
  [
    'save',
    async (session) => {
      session['a'] = 2;
      await session.save();
    },
  ],
  ['increment', (session) => session.increment('n')],
  ['push', (session) => session.push('list', [1])],
  ['regenerate, everything kept', (session) => session.regenerate({ keep: true })],
  ['regenerate, nothing kept', (session) => session.regenerate()],
  ['login again, everything kept', (session) => session.login('ada', { keep: true })],
  ['emptying it', (session) => void delete session['a']],
  ['logout', (session) => session.logout()],
];

const options = { renewAfter: '1h', renewGrace: '1m', idleTimeout: '6h', absoluteTimeout: '2d' } as const;

async function start() {
  const world = new UserWorld(options);
  const browser = await world.browserOf('ada');
  await browser.visit((session) => void (session['a'] = 1));
  return { world, browser, other: await world.browserOf('ada') };
}

const endQuietly = (visit: Visit) => visit.end().catch(() => {});
const revoke = (world: UserWorld, handle: string) =>
  world.directory.revoke(handle, { userId: 'ada' }, { cause: 'user' });
/** A browser with that cookie, which no response changes. */
const holding = (world: UserWorld, cookie: string | undefined): Browser => {
  const browser = world.browser();
  browser.cookie = cookie;
  return browser;
};

describe('a session that is revoked while a request works on it', () => {
  test.each(ACTS)('stays revoked whatever that writes: %s', async (_, act) => {
    const { world, browser, other } = await start();
    const { cookie, handle } = browser;
    const visit = await browser.begin();
    expect(await revoke(world, handle)).toBe(true);
    await Promise.resolve(act(visit.session)).catch(() => {});
    await endQuietly(visit);
    expect(await world.memory.find(handle)).toBeUndefined();
    expect([await world.isAlive(holding(world, cookie)), await world.isAlive(other)]).toEqual([false, true]);
  });

  test.each(ACTS)('is over for whoever comes after a write that came first: %s', async (_, act) => {
    const { world, browser, other } = await start();
    const { cookie, handle } = browser;
    const visit = await browser.begin();
    await act(visit.session);
    await visit.end();
    await revoke(world, handle);
    expect(await world.memory.find(handle)).toBeUndefined();
    // Some of these begin another session, which is somebody's or nobody's, but not this one.
    const tokens = [cookie, browser.cookie].filter((held) => holding(world, held).handle === handle);
    for (const token of tokens) expect(await world.isAlive(holding(world, token))).toBe(false);
    expect(tokens).toContain(cookie);
    expect(await world.isAlive(other)).toBe(true);
  });

  test('is over for all three tokens of a renewal: the one before, the current one, and the one that is offered', async () => {
    const { world, browser } = await start();
    const { handle } = browser;
    const tokens = [browser.cookie];
    for (let n = 0; n < 2; n++) {
      world.clock.advance(HOUR);
      // The token that is offered by this response is used by the next request.
      await browser.visit();
      tokens.push(browser.cookie);
      if (n === 0) await browser.visit();
    }
    world.clock.advance(MINUTE / 2);
    expect(new Set(tokens).size).toBe(3);
    await revoke(world, handle);
    for (const token of tokens) expect(await world.isAlive(holding(world, token))).toBe(false);
    expect(await world.memory.find(handle)).toBeUndefined();
  });

  test('answers the request that saved nothing as an interrupted one', async () => {
    const { world, browser } = await start();
    const visit = await browser.begin();
    await revoke(world, browser.handle);
    await expect(visit.session.increment('n')).rejects.toMatchObject({ status: 409 });
    expect({ ...visit.session }).toEqual({});
    expect(visit.session.userId).toBeUndefined();
  });
});
