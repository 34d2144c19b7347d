// The steps that a request asks for, in the order in which they were asked for, and what they leave in the session's object.
import { describe, expect, test } from 'vitest';
import { type AnySession, MINUTE, visitWith, World } from '../../../support/core/world.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('steps that nobody waits for', () => {
  test('hold the answer back until the last of them is done, also when the first is done long before', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    const release = world.store.hold('replaceSecret');
    visit.session['a'] = 2;
    const first = visit.session.save();
    void visit.session.regenerate({ keep: true });
    await first;
    await settled();
    let hasEnded = false;
    const end = visit.end().then((answer) => {
      hasEnded = true;
      return answer;
    });
    await settled();
    expect(hasEnded).toBe(false);
    release();
    expect((await end).cookies).toHaveLength(1);
    await browser.visit((session) => expect({ ...session }).toEqual({ a: 2 }));
  });
});

describe('a failure', () => {
  test('has one line in the log, though it fails the step and the answer', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('replaceSecret');
    const visit = await browser.begin();
    void visit.session.regenerate({ keep: true });
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    expect(world.errors).toHaveLength(1);
  });

  test('of another request has a line of its own', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('update');
    for (const a of [2, 3]) {
      const visit = await browser.begin();
      visit.session['a'] = a;
      await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    }
    expect(world.errors).toHaveLength(2);
  });

  test('that is no Error fails the answer as one does', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    const thrown: unknown = 'of the program';
    Object.defineProperty(visit.session, 'a', {
      enumerable: true,
      get() {
        throw thrown;
      },
    });
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 500, cause: thrown });
    expect(world.errors).toEqual([expect.stringContaining('of the program')]);
  });
});

test('login() keeps nothing of the session before it unless it is told to', async () => {
  const { world, browser } = await visitWith({ cart: [1] });
  await browser.visit(async (session) => {
    await session.login('ada');
    expect({ ...session }).toEqual({});
  });
  expect(await world.stored(browser.handle)).toEqual({});
});

test('logout() sets no header that it was not asked for', async () => {
  const browser = await new World().browserWith({ a: 1 });
  const answer = await browser.visit((session) => session.logout());
  expect(answer.headers.size).toBe(0);
});

test('a change of one key that changes nothing leaves a session as it is of which nothing is stored yet', async () => {
  const world = new World();
  const answer = await world.browser().visit(async (session) => {
    expect(await session.take('a')).toBe(undefined);
    expect(await session.compareAndSet('a', 1, 2)).toBe(false);
    expect({ ...session }).toEqual({});
  });
  expect(answer.cookies).toEqual([]);
});

test('data under a reserved name, written by another program, are not shown and stay in the store', async () => {
  const { world, browser } = await visitWith({ a: 1 });
  const stored = (await world.store.stored(browser.handle))!;
  // What `{ touch: 1 }` is in BSON.
  const data = Buffer.from([0x10, 0, 0, 0, 0x10, ...Buffer.from('touch\0'), 1, 0, 0, 0, 0]);
  await world.store.memory.remove(browser.handle);
  await world.store.memory.insert({ ...stored, data });
  await browser.visit(async (session) => {
    expect({ ...session }).toEqual({});
    await session.reload();
    session['a'] = 1;
  });
  expect(await world.stored(browser.handle)).toEqual({ touch: 1, a: 1 });
  expect(world.warnings).toEqual([expect.stringContaining('reserved key "touch"')]);
});

describe('a change after the headers have left', () => {
  test('is saved at the end, if the client holds the session already', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    await visit.cycle.commit();
    visit.exchange.headersSent = true;
    visit.session['late'] = true;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ a: 1, late: true });
    expect([world.warnings, visit.exchange.cookies]).toEqual([[], []]);
  });

  test('is saved at the end of the request that has handed the session out', async () => {
    const world = new World();
    const browser = world.browser();
    const visit = await browser.begin();
    visit.session['a'] = 1;
    await visit.cycle.commit();
    visit.exchange.headersSent = true;
    visit.session['late'] = true;
    await visit.end();
    expect(visit.exchange.cookies).toHaveLength(1);
    expect(await world.stored(browser.handle)).toEqual({ a: 1, late: true });
  });

  test('that would need a cookie leaves no orphan in the store, and one warning with the remedy for all requests', async () => {
    const world = new World();
    for (let request = 0; request < 3; request++) {
      const visit = await world.browser().begin();
      visit.exchange.headersSent = true;
      visit.session['a'] = 1;
      await visit.end();
    }
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.warnings).toEqual([expect.stringContaining('Put `await session.save()` before the first byte')]);
  });

  test('that would need a cookie rejects save()', async () => {
    const visit = await new World().browser().begin();
    visit.exchange.headersSent = true;
    visit.session['a'] = 1;
    await expect(visit.session.save()).rejects.toMatchObject({ cause: { code: 'SESSION_HEADERS_SENT' } });
  });
});

describe('a cookie for https only, on a request over http', () => {
  test('begins no session and no orphan, and says why, once', async () => {
    const world = new World({ cookie: { secure: true } });
    for (let request = 0; request < 2; request++) {
      const visit = await world.browser().begin();
      visit.exchange.secure = false;
      visit.session['a'] = 1;
      expect((await visit.end()).cookies).toEqual([]);
    }
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.warnings).toEqual([expect.stringContaining('use https')]);
  });
});

describe('save({ evenIfEmpty })', () => {
  test('stores a session without data, which save() then leaves as it is', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit(async (session) => {
      await session.save();
      expect(session.isNew).toBe(true);
      await session.save({ evenIfEmpty: true });
      await session.save();
    });
    expect(await world.stored(browser.handle)).toEqual({});
  });
});

test.each<[string, (session: AnySession) => Promise<void>]>([
  ['login()', (session) => session.login('ada')],
  ['regenerate()', (session) => session.regenerate()],
])('%s after the headers have left rejects with SESSION_HEADERS_SENT, and says what to do', async (name, act) => {
  const { world, browser } = await visitWith({ a: 1 });
  const visit = await browser.begin();
  visit.exchange.headersSent = true;
  await expect(act(visit.session)).rejects.toMatchObject({
    cause: { code: 'SESSION_HEADERS_SENT', message: expect.stringContaining(`Call ${name} before the first byte.`) },
  });
  expect(await world.stored(browser.handle)).toEqual({ a: 1 });
});

test('increment() starts a session and sends its cookie', async () => {
  const world = new World();
  const browser = world.browser();
  await browser.visit((session) => session.increment('visits'));
  expect(await world.stored(browser.handle)).toEqual({ visits: 1 });
});

test('session.cookie says how the cookie of this request is sent', async () => {
  const { session, exchange } = await new World({ cookie: { sameSite: 'strict', path: '/' } }).browser().begin();
  expect(session.cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'strict', path: '/' });
  const overHttp = await new World().browser().begin();
  overHttp.exchange.secure = false;
  expect([exchange.secure, overHttp.session.cookie.secure]).toEqual([true, false]);
});

test('compareAndSet() that fails shows what another request has stored, and the response leaves it there', async () => {
  const { world, browser } = await visitWith({ stock: 1 });
  const visit = await browser.begin();
  await browser.visit((session) => void (session['stock'] = 5));
  expect(await visit.session.compareAndSet('stock', 1, 0)).toBe(false);
  expect(visit.session['stock']).toBe(5);
  await visit.end();
  expect(await world.stored(browser.handle)).toEqual({ stock: 5 });
});

test('login({ since }) takes this moment, and session.expiresAt is the idle time from it', async () => {
  const world = new World({ idleTimeout: '5m' });
  const { session } = await world.browser().begin();
  await session.login('ada', { since: new Date(world.clock.now()) });
  expect(session.expiresAt).toEqual(new Date(world.clock.now() + 5 * MINUTE));
});
