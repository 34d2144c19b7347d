// Which cookie a response carries: the token, a new lifetime, its removal, or none.
import { describe, expect, test } from 'vitest';
import { decodeDevice } from '../../../../lib/core/session/device.js';
import { codec } from '../../../support/core/codec.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { MINUTE, visitWith, World } from '../../../support/core/world.js';

/** A session that outlives the browser, and is idle for five minutes at most. */
async function permanentSession(options = {}) {
  const { world, browser } = await visitWith({ a: 1 }, options);
  await browser.visit((session) => void (session.permanent = 5 * MINUTE));
  return { world, browser };
}

describe('the cookie of a permanent session', () => {
  test('lasts as long as the session', async () => {
    const world = new World({ permanent: { always: '5m' } });
    const { cookies } = await world.browser().visit((session) => (session['a'] = 1));
    expect(cookies).toEqual([expect.stringMatching(/; Max-Age=300;/)]);
  });

  test('is sent again with its new lifetime when the session is touched', async () => {
    const { world, browser } = await permanentSession();
    const before = browser.cookie;
    world.clock.advance(MINUTE);
    const { cookies } = await browser.visit((session) => session.touch());
    expect(cookies).toEqual([expect.stringMatching(/; Max-Age=300;/)]);
    expect(browser.cookie).toBe(before);
  });

  test('is not sent again to a client that may have a newer token', async () => {
    const { world, browser } = await permanentSession({ renewAfter: '1m' });
    const old = browser.cookie;
    world.clock.advance(2 * MINUTE);
    await browser.visit();
    expect(browser.cookie).not.toBe(old);
    const { cookies } = await world.browser(old).visit((session) => session.touch());
    expect(cookies).toEqual([]);
  });
});

test.each([
  ['plain', false],
  ['express-session', true],
  ['fastify-session', true],
] as const)('with `requestSession: %s` the cookie says also by Expires when it ends: %s', async (face, says) => {
  const world = new World({ permanent: { always: '5m' }, requestSession: face });
  const { cookies } = await world.browser().visit((session) => (session['a'] = 1));
  expect(cookies[0]!.includes('; Expires=Wed, 02 Jan 2030 03:09:05 GMT')).toBe(says);
});

describe('a session that ends in the request that has begun it', () => {
  test('leaves no cookie to remove where the client has sent none', async () => {
    const world = new World();
    const { cookies } = await world.browser().visit(async (session) => {
      await session.login('ada');
      await session.logout();
    });
    expect(cookies).toEqual([]);
  });

  test.each([
    ['malformed', '__Host-id=x'],
    ['unknown', `__Host-id=${'A'.repeat(59)}`],
  ])('removes the %s cookie that the client has sent', async (_, cookie) => {
    const { cookies, isCacheable } = await new World().browser(cookie).visit(async (session) => {
      await session.login('ada');
      await session.logout();
    });
    expect(cookies).toEqual([expect.stringMatching(/^__Host-id=; .*Max-Age=0/)]);
    expect(isCacheable).toBe(false);
  });

  test('sends no token if another request has ended it', async () => {
    const world = new World();
    const { cookies } = await world.browser().visit(async (session) => {
      session['a'] = 1;
      await session.save();
      await world.store.memory.remove(session.handle);
      session['a'] = 2;
    });
    expect(cookies).toEqual([]);
  });
});

describe('a token in the header of the option `transport`', () => {
  test('is what the response depends on', async () => {
    const world = new World({ transport: { header: 'X-Session' } });
    const answer = await world.browser().visit((session) => (session['a'] = 1));
    expect([...answer.vary]).toEqual(['x-session']);
    expect([answer.cookies, answer.headers.has('x-session')]).toEqual([[], true]);
  });
});

test('the option `devices` notes what the request says of its client at a login', async () => {
  const world = new World({ devices: true }, addPorts);
  const browser = world.browser();
  browser.headers['user-agent'] = 'Lynx';
  await browser.visit((session) => session.login('ada'));
  const { device } = (await world.store.stored(browser.handle))!;
  const settings = world.registration.options.devices!;
  expect(decodeDevice(codec, settings, device)).toMatchObject({ userAgent: 'Lynx', ip: '192.0.2.1' });
});

describe('a response that is given up', () => {
  test('sends the token that the store has acknowledged, and saves nothing more', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    visit.session['a'] = 1;
    await visit.session.save();
    visit.session['a'] = 2;
    expect(visit.cycle.abandon()).toBeUndefined();
    expect(visit.exchange.cookies).toHaveLength(1);
    await visit.end();
    expect(world.store.takeCalls()).toEqual(['insert']);
  });

  test('sends nothing if nobody has asked for its session', async () => {
    const visit = await new World().browser().begin();
    expect(visit.cycle.abandon()).toBeUndefined();
    expect(visit.exchange.cookies).toEqual([]);
  });

  test('waits for the token of a login in flight', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    const release = world.store.hold('replaceSecret');
    const login = visit.session.login('ada');
    const abandoned = visit.cycle.abandon();
    expect(visit.exchange.cookies).toEqual([]);
    release();
    await Promise.all([login, abandoned]);
    expect(visit.exchange.cookies).toEqual([expect.stringContaining('__Host-id=')]);
  });
});

test('a request says which registration its session is of', async () => {
  const visit = await new World({ name: 'admin' }).browser().begin();
  expect(visit.cycle.name).toBe('admin');
});
