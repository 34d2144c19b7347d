// A request's way through the core: what it asks the store for, what the client gets, and what happens when something fails.
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';
import { malformedCookies } from '../../../support/core/malformed-cookies.js';
import { MINUTE, visitWith, World } from '../../../support/core/world.js';

const nobody = formatToken(createToken(Date.UTC(2030, 0)));

describe('a request without a cookie', () => {
  test('that does not touch the session, or only reads it, asks the store nothing and gets no cookie', async () => {
    const world = new World();
    const untouched = await world.browser().begin();
    expect(untouched.cycle.open()).toBeUndefined();
    expect(untouched.cycle.commit()).toBeUndefined();
    const read = await world.browser().visit((session) => [session['a'], session.id, session.isNew, session.expiresAt]);
    const taken = await world.browser().visit((session) => {
      session['a'] = 1;
      delete session['a'];
    });
    expect(world.store.takeCalls()).toEqual([]);
    expect([...untouched.exchange.cookies, ...read.cookies, ...taken.cookies]).toEqual([]);
    expect(read.isCacheable).toBe(true);
  });

  test('gets its session by the first real write: one insert, one cookie, an answer that is not cached', async () => {
    const world = new World();
    const browser = world.browser();
    const answer = await browser.visit((session) => (session['a'] = 1));
    expect(world.store.takeCalls()).toEqual(['insert']);
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^__Host-id=[\w-]{59}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(answer.isCacheable).toBe(false);
    expect(world.eventTypes).toEqual(['created']);
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });
});

describe('a request with a session', () => {
  test('costs one read where it only reads, nothing more where it looks away', async () => {
    const { world, browser } = await visitWith({ a: 1, deep: { list: [1, { x: new Date(0) }] } });
    const looking = await browser.visit((session) => JSON.stringify(session));
    expect([world.store.takeCalls(), looking.cookies, looking.isCacheable]).toEqual([['find'], [], true]);
    const visit = await browser.begin();
    await visit.end();
    expect([world.store.takeCalls(), visit.exchange.cookies]).toEqual([['find'], []]);
  });

  test('saves before the headers leave, and gets no cookie that it has already', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.session['a'] = 2;
    const release = world.store.hold('update');
    let closed = false;
    const close = visit.cycle.commit()!.then(() => (closed = true));
    await Promise.resolve();
    expect(closed).toBe(false);
    release();
    await close;
    expect(await world.stored(browser.handle)).toEqual({ a: 2 });
    expect(visit.exchange.cookies).toEqual([]);
  });

  test('says that its answer depends on the cookie as soon as the session is looked at', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    expect([...visit.exchange.vary]).toEqual([]);
    void visit.session['a'];
    expect([...visit.exchange.vary]).toEqual(['Cookie']);
  });

  test('gives everyone in it the same object', async () => {
    const visit = await new World().browser().begin();
    expect(visit.session).toBe(visit.session);
  });
});

describe('a token that opens nothing', () => {
  test.each([
    ['an unknown one', () => nobody],
    ['one whose secret is another', (token: string) => token.slice(0, 16) + nobody.slice(16)],
    [
      'one with a letter changed',
      (token: string) => token.slice(0, 20) + (token[20] === 'A' ? 'B' : 'A') + token.slice(21),
    ],
  ])('is not adopted, costs one read, writes nothing and keeps its cookie: %s', async (_, forge) => {
    const world = new World();
    const real = await world.browserWith({ a: 1 });
    const [name, token] = real.cookie!.split('=') as [string, string];
    const browser = world.browser(`${name}=${forge(token)}`);
    const answer = await browser.visit((session) => expect([{ ...session }, session.isNew]).toEqual([{}, true]));
    expect([world.store.takeCalls(), answer.cookies]).toEqual([['find'], []]);
    await browser.visit((session) => (session['b'] = 1));
    expect(browser.cookie).not.toContain(forge(token));
    expect(world.store.memory.size).toBe(2);
    expect(await world.stored(real.handle)).toEqual({ a: 1 });
  });

  test('is not told apart from none by the session that it gets', async () => {
    const world = new World();
    const { session } = await world.browser(`__Host-id=${nobody}`).begin();
    expect(session.handle).not.toBe(Buffer.from(nobody, 'base64url').toString('hex', 0, 12));
  });

  test('never reaches the store when it is malformed, in any of the ways listed', async () => {
    const world = new World({ cookie: { name: 'id' }, maxCookieHeader: 64 * 1024 });
    for (const [, header] of malformedCookies) {
      const answer = await world.browser(header).visit((session) => expect({ ...session }).toEqual({}));
      expect(answer.cookies).toEqual([]);
    }
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('does not hide a good one that stands behind it under the same name', async () => {
    const world = new World();
    const real = await world.browserWith({ a: 1 });
    await world.browser(`__Host-id=${nobody}; ${real.cookie}`).visit((session) => expect(session['a']).toBe(1));
  });

  test('that asked under the other protocol is another cookie', async () => {
    const world = new World();
    const real = await world.browserWith({ a: 1 });
    await world.browser(real.cookie!.replace('__Host-id', 'id')).visit((session) => expect({ ...session }).toEqual({}));
    expect(world.store.takeCalls()).toEqual([]);
  });
});

describe('a store that can not be read', () => {
  test('fails only the request that needs its session, every time it is asked for', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('find');
    const indifferent = await browser.begin();
    await indifferent.end();
    expect(indifferent.exchange.cookies).toEqual([]);
    const needy = await browser.begin();
    for (let time = 0; time < 2; time++) expect(() => needy.session).toThrow(expect.objectContaining({ status: 503 }));
    expect((await needy.end()).cookies).toEqual([]);
    expect(world.errors).toHaveLength(2);
    expect(world.errors.join()).not.toContain(browser.cookie!.split('=')[1]);
  });

  test('is well again with the next request', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('find');
    await browser.begin();
    world.store.fail();
    await browser.visit((session) => expect(session['a']).toBe(1));
  });
});

test('a cookie header that is too long fails only the request that needs its session, with a 431 and unread', async () => {
  const world = new World({ maxCookieHeader: 1000 });
  const real = await world.browserWith({ a: 1 });
  const browser = world.browser(real.cookie!.padEnd(1001, '; padding'));
  const indifferent = await browser.begin();
  await indifferent.end();
  const needy = await browser.begin();
  expect(() => needy.session).toThrow(expect.objectContaining({ status: 431 }));
  expect(world.store.takeCalls()).toEqual([]);
  await world.browser(browser.cookie!.slice(0, 1000)).visit((session) => expect({ ...session }).toEqual({ a: 1 }));
});

describe('a commit that fails', () => {
  test.each([
    ['insert', async (world: World) => world.browser()],
    ['update', async (world: World) => world.browserWith({ a: 1 })],
  ] as const)(
    'rejects with a 503 and sets no cookie, and the answer of the error can leave: %s',
    async (operation, make) => {
      const world = new World();
      const visit = await (await make(world)).begin();
      visit.session['b'] = 1;
      world.store.fail(operation);
      await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
      expect(visit.cycle.commit()).toBeUndefined();
      visit.exchange.headersSent = true;
      expect(visit.cycle.commit()).toBeUndefined();
      expect(visit.exchange.cookies).toEqual([]);
      expect(world.store.calls.filter((call) => call === operation)).toHaveLength(1);
      expect(world.errors).toEqual([expect.stringContaining('The database is away.')]);
    },
  );

  test('hands out the token of what save() has stored before it', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    visit.session['a'] = 1;
    await visit.session.save();
    visit.session['a'] = 2;
    world.store.fail('update');
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    expect(visit.exchange.cookies).toEqual([expect.stringContaining('__Host-id=')]);
  });

  test('of a value that can not be stored is the fault of the program: a 500, once in the log, without the value', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    visit.session['bad'] = { deep: (hunter2: unknown) => hunter2 };
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 500, cause: { code: 'SESSION_VALUE_REFUSED' } });
    expect(world.errors).toEqual([expect.stringContaining('session.bad.deep is a function')]);
    expect(visit.cycle.commit()).toBeUndefined();
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('of too much data is a 413', async () => {
    const world = new World({ maxSize: 100 });
    const visit = await world.browser().begin();
    visit.session['text'] = 'x'.repeat(100);
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 413 });
  });
});

test('time that passes within a request ends the session, and the change is dropped', async () => {
  const { world, browser } = await visitWith({ a: 1 }, { idleTimeout: '1m' });
  const late = await browser.begin();
  world.clock.advance(MINUTE);
  late.session['a'] = 2;
  expect((await late.end()).cookies).toEqual([]);
  expect(world.eventTypes).toEqual(['interrupted']);
  expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  await browser.visit((session) => expect({ ...session }).toEqual({}));
});
