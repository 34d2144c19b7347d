// `session.cookie` of a face: what can be read, what can be set, and what it does to the session.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { DAY, MINUTE } from '../../support/world.js';
import { type Face, called, startFaced } from './support/faced.js';

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'done';
};

describe.each(PLATFORMS)('session.cookie of a face on %s', (platform) => {
  test('has the attributes of the options, and nothing of the token', async () => {
    const world = await startFaced(platform, { cookie: { name: 'sid', priority: 'high' } });
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, ({ session: { cookie } }) => [
      cookie.data,
      cookie.toJSON(),
      cookie.serialize('a', 'b'),
    ]);
    const attributes = {
      secure: false,
      httpOnly: true,
      path: '/',
      sameSite: 'lax',
      partitioned: false,
      priority: 'high',
    };
    const data = { originalMaxAge: null, expires: null, ...attributes };
    expect(seen).toEqual([data, data, 'a=b; Path=/; HttpOnly; Priority=High; SameSite=Lax']);
  });

  test('maxAge makes the session permanent, with Expires beside Max-Age', async () => {
    const world = await startFaced(platform);
    const { clock } = world.world;
    const browser = world.client();
    const { cookies } = await world.visit(browser, ({ session }) => {
      session['a'] = 1;
      session.cookie.maxAge = 3 * DAY;
    });
    const expires = new Date(clock.now() + 3 * DAY);
    expect(cookies[0]).toContain(`; Max-Age=${(3 * DAY) / 1000};`);
    expect(cookies[0]).toContain(`; Expires=${expires.toUTCString()};`);
    clock.advance(MINUTE);
    const seen = await world.ask(browser, ({ session: { cookie }, own }) => [
      cookie.originalMaxAge,
      cookie.maxAge,
      cookie.expires,
      own.permanent,
    ]);
    expect(seen).toEqual([3 * DAY, 3 * DAY - MINUTE, expires.toJSON(), 3 * DAY]);
  });

  test.each([
    ['originalMaxAge', DAY],
    ['expires', 'a date'],
    ['maxAge', 'a date'],
  ])('%s = %s does the same', async (name, value) => {
    const world = await startFaced(platform);
    const browser = world.client();
    await world.visit(browser, ({ session }) => {
      session['a'] = 1;
      session.cookie[name] = value === 'a date' ? new Date(world.world.clock.now() + DAY) : value;
    });
    expect(await world.ask(browser, ({ own }) => own.permanent)).toBe(DAY);
  });

  test.each(['maxAge', 'expires', 'originalMaxAge'])(
    '%s = null or false ends the session with the browser again',
    async (name) => {
      const world = await startFaced(platform, { permanent: { always: true } });
      for (const nothing of [null, false, undefined]) {
        const browser = await world.browserWith({ a: 1 });
        const { cookies } = await world.visit(browser, ({ session }) => void (session.cookie[name] = nothing));
        expect(cookies[0]).not.toMatch(/Max-Age|Expires/);
        expect(await world.ask(browser, ({ own }) => own.permanent)).toBe(false);
      }
    },
  );

  test('more than permanent.idleTimeout is cut to it, with one warning', async () => {
    const world = await startFaced(platform, { permanent: { idleTimeout: '2d' } });
    const browser = await world.browserWith({ a: 1 });
    for (const maxAge of [3 * DAY, Infinity])
      expect(await world.ask(browser, ({ session, own }) => ((session.cookie.maxAge = maxAge), own.permanent))).toBe(
        2 * DAY,
      );
    const warnings = world.world.app.log.lines.filter((line) => line.includes('cut to `permanent.idleTimeout`'));
    expect(warnings).toHaveLength(1);
  });

  test.each<[name: string, value: () => unknown]>([
    ['maxAge = 0', () => 0],
    ['maxAge = -1', () => -1],
    ['expires = a past date', () => new Date(0)],
  ])('%s ends the session at the end of the request', async (name, value) => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, ({ session }) => {
      session.cookie[name.split(' ')[0]!] = value();
      return [session['a'], session.cookie.originalMaxAge];
    });
    expect(seen).toEqual([1, 0]);
    expect(browser.jar.has('id')).toBe(false);
    expect(world.world.eventTypes()).toEqual(['created', 'destroyed']);
  });

  test('a past date is taken back by another one', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    await world.visit(browser, ({ session }) => {
      session.cookie.maxAge = 0;
      session.cookie.maxAge = DAY;
    });
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('maxAge = 0 of a session that was never stored sends and stores nothing', async () => {
    const world = await startFaced(platform);
    const { cookies } = await world.visit(world.client(), ({ session }) => {
      session['a'] = 1;
      session.cookie.maxAge = 0;
    });
    expect([cookies, world.world.eventTypes()]).toEqual([[], []]);
  });

  test.each<[what: string, value: unknown]>([
    ['NaN', NaN],
    ['a text', '5000'],
    ['true', true],
    ['a function', () => 1],
    ['an invalid date', new Date(NaN)],
  ])('refuses %s at the assignment', async (_, value) => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, ({ session }) =>
      ['maxAge', 'originalMaxAge', 'expires'].map((name) => codeOf(() => (session.cookie[name] = value))),
    );
    expect(seen).toEqual(['SESSION_VALUE_REFUSED', 'SESSION_VALUE_REFUSED', 'SESSION_VALUE_REFUSED']);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('other attributes take what they are, and refuse anything else with the name of the option', async () => {
    const world = await startFaced(platform);
    const seen = await world.ask(world.client(), ({ session: { cookie } }) => {
      const changed: Record<string, unknown> = {
        path: '/x',
        domain: 'a.example',
        secure: true,
        httpOnly: false,
        sameSite: 'none',
        partitioned: true,
        priority: 'low',
      };
      return Object.keys(changed).map((name) => {
        const same = cookie[name];
        cookie[name] = same;
        return codeOf(() => (cookie[name] = changed[name]));
      });
    });
    expect(seen).toEqual(Array.from({ length: 7 }, () => 'SESSION_OPTION_INVALID'));
  });

  test('session.cookie = that of another face takes over how long it lasts, and refuses anything else', async () => {
    const world = await startFaced(platform);
    const browser = await world.browserWith({ a: 1 });
    const seen = await world.ask(browser, async (request) => {
      const old = request.session;
      old.cookie.maxAge = DAY;
      await called((done) => void old.regenerate(done));
      const { session, own } = request;
      const before = own.permanent;
      Object.assign(session, { ...old });
      return [before, own.permanent, codeOf(() => (session.cookie = { maxAge: 5 } as unknown as Face['cookie']))];
    });
    expect(seen).toEqual([false, DAY, 'SESSION_OPTION_INVALID']);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('a permanent session that has changed gets its cookie again, one that is only read does not', async () => {
    const world = await startFaced(platform, { permanent: { always: '2d' } });
    const browser = await world.browserWith({ a: 1 });
    world.world.clock.advance(MINUTE);
    expect((await world.visit(browser, ({ session }) => session['a'])).cookies).toEqual([]);
    const { cookies } = await world.visit(browser, ({ session }) => void (session['a'] = 2));
    expect(cookies[0]).toContain(`; Max-Age=${(2 * DAY) / 1000};`);
  });
});

describe.each(PLATFORMS)('permanent.always on %s', (platform) => {
  test.each<[always: boolean | string, idle: number | false]>([
    [true, 14 * DAY],
    ['2d', 2 * DAY],
    [false, false],
  ])('%s: sessions begin so', async (always, idle) => {
    const world = await startFaced(platform, { requestSession: 'plain', permanent: { always: always as true } });
    const browser = await world.browserWith({ a: 1 });
    const permanent = () => world.ask(browser, ({ own }) => own.permanent);
    expect(await permanent()).toBe(idle);
    await world.visit(browser, async ({ own }) => {
      own.permanent = DAY;
      await own.save();
      await own.regenerate();
      own['b'] = 1;
    });
    expect(await permanent()).toBe(idle);
    await world.visit(browser, ({ own }) => own.login('ada'));
    expect(await permanent()).toBe(idle);
    await world.visit(browser, async ({ own }) => {
      await own.logout();
      await own.login('bob');
    });
    expect(await permanent()).toBe(idle);
    await world.visit(browser, ({ own }) => void (own.permanent = false));
    expect(await permanent()).toBe(false);
  });

  test('stores no session by itself', async () => {
    const world = await startFaced(platform, { permanent: { always: true } });
    expect((await world.visit(world.client(), ({ session }) => session['a'])).cookies).toEqual([]);
    expect(world.world.eventTypes()).toEqual([]);
  });
});
