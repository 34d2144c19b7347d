import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { DAY, HOUR, startWith, startWorld } from '../../support/world.js';
import { target } from '../../../lib/testing/contract/stored-sessions.js';

/** Options of the cookie, and what its attributes are over http. */
const CASES: [NonNullable<SessionOptions['cookie']>, object][] = [
  [{}, { path: '/', secure: false, httpOnly: true, sameSite: 'lax', partitioned: false }],
  [
    { secure: true, sameSite: 'none', partitioned: true, priority: 'high' },
    { path: '/', secure: true, httpOnly: true, sameSite: 'none', partitioned: true, priority: 'high' },
  ],
  [
    { domain: 'example.org', path: '/app', sameSite: 'strict' },
    { path: '/app', domain: 'example.org', secure: false, httpOnly: true, sameSite: 'strict', partitioned: false },
  ],
];

describe.each(PLATFORMS)('B16: session.cookie on %s', (platform) => {
  test.each(CASES)('with the option %j has the attributes that the browser gets', async (cookie, settings) => {
    const world = await startWorld(platform, { cookie });
    const reply = await world.visit(world.client(), ({ session }) => {
      session['a'] = 1;
      const { path, domain, secure, httpOnly, sameSite, partitioned, priority } = session.cookie;
      return { read: { path, domain, secure, httpOnly, sameSite, partitioned, priority }, json: session.cookie };
    });
    const none = { maxAge: null, originalMaxAge: null, expires: null };
    expect(JSON.parse(reply.body)).toEqual({ read: settings, json: { ...none, ...settings } });
    const [header = ''] = reply.cookies;
    // Over http a cookie that has to be Secure is not sent.
    if (cookie.secure !== true) {
      expect(header).toContain(`Path=${(settings as { path: string }).path}; `);
      expect(header.includes('Domain=example.org')).toBe('domain' in cookie);
      expect(header).not.toContain('Secure');
    }
  });

  test('refuses an end that is no date, with the fix', async () => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), ({ session }) => {
      for (const end of [Date.now() + 60_000, new Date().toISOString(), {}])
        expect(() => Reflect.set(session.cookie, 'expires', end)).toThrow(
          expect.objectContaining({
            code: 'SESSION_OPTION_INVALID',
            message: expect.stringMatching(
              /^session\.cookie\.expires takes a Date, or null\. .*session\.permanent/,
            ) as string,
          }),
        );
      return 'seen';
    });
    expect(reply.body).toBe('seen');
  });

  test('refuses to set what is an option, in sloppy code too, and names the option', async () => {
    const world = await startWorld(platform);
    await world.visit(world.client(), ({ session }) => {
      for (const name of ['path', 'domain', 'secure', 'httpOnly', 'sameSite', 'partitioned', 'priority'])
        expect(() => Reflect.set(session.cookie, name, 'x')).toThrow(
          expect.objectContaining({
            code: 'SESSION_OPTION_INVALID',
            message: `session.cookie.${name} is read-only. Set the option \`cookie.${name}\` of the module.`,
          }),
        );
      expect(() => Reflect.set(session.cookie, 'originalMaxAge', 1)).toThrow(/Set session\.cookie\.maxAge instead/);
      expect(() => Object.assign(session.cookie, { unknown: 1 })).toThrow(TypeError);
    });
  });

  test('is printed and turned into JSON alike, with its times', async () => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), ({ session }) => {
      session.cookie.maxAge = HOUR;
      return { json: session.cookie, printed: inspect({ ...session.cookie.toJSON() }) === inspect(session.cookie) };
    });
    const { json, printed } = JSON.parse(reply.body) as { json: object; printed: boolean };
    expect(json).toMatchObject({ maxAge: HOUR, expires: new Date(world.clock.now() + HOUR).toISOString() });
    expect(printed).toBe(true);
  });
});

describe.each(PLATFORMS)('A16: session.permanent on %s', (platform) => {
  const options = { permanent: { idleTimeout: '14d', absoluteTimeout: '90d' } } as const;
  const tooLong = 7_776_000_000;

  test('ends a stored session that was given more after `permanent.idleTimeout`', async () => {
    const { world, browser: client } = await startWith(platform, options);
    await world.visit(client, ({ session }) => void (session.permanent = true));
    const { handle } = JSON.parse((await world.visit(client, ({ session }) => ({ handle: session.handle }))).body) as {
      handle: string;
    };
    const times = { lastSeenAt: world.clock.now(), expiresAt: world.clock.now() + tooLong };
    await world.store.memory.update(target(handle, 0), { permanent: tooLong, times });
    world.clock.advance(15 * DAY);
    expect(await world.isAlive(client)).toBe(false);
  });

  test('is refused where a request gave no number, and the log does not repeat what it gave', async () => {
    const { world, browser: client } = await startWith(platform, options);
    for (const permanent of ['hunter2\u2028\u202e'.repeat(10_000), ['hunter2'], null]) {
      const reply = await world.visit(client, ({ session }) => void Object.assign(session, { permanent }));
      expect(reply.status).toBe(500);
    }
    expect(world.app.log.lines.length).toBeGreaterThanOrEqual(3);
    for (const line of world.app.log.lines) {
      expect(line).toContain("session.permanent can't be of the type");
      expect(line).not.toMatch(/hunter2|[\u2028\u202e]/);
    }
  });
});
