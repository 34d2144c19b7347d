// Old cookies that are forged, or come several times, or are to be removed, and what an attacker sees.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';
import type { World } from '../../support/world.js';
import { oldSession, signed } from './support/old-sessions.js';
import { commandsOf, isOpened, startOldWorld } from './support/old-world.js';

const database = testDatabase({ monitorCommands: true });

describe.each(PLATFORMS)('movingIn on %s', (platform) => {
  test('opens nothing for somebody who has a dump of the old collection', async () => {
    const { world, old, browser } = await startOldWorld(database, platform);
    const { sid } = await oldSession(old);
    const dump = await old.find().toArray();
    expect(dump).toHaveLength(1);
    const tries = [
      sid,
      `s:${sid}`,
      `s:${sid}.`,
      signed(sid, ''.padEnd(1)),
      signed(sid, 'the secret of somebody else'),
      `${sid}.${sid}`,
    ];
    const attempts = [...tries, ...tries.map(encodeURIComponent)];
    for (const attempt of attempts) expect(await isOpened(world, browser(attempt))).toBe(false);
    expect(await old.countDocuments()).toBe(1);
    expect(world.eventTypes()).toEqual([]);
  });

  test.each([
    ['forged', () => signed('some id', 'another secret')],
    ['truncated', (cookie: string) => cookie.slice(0, -3)],
    ['doubled', (cookie: string) => cookie + cookie],
    ['without a signature', (cookie: string) => cookie.split('.')[0]!],
    ['of 15 KiB', () => signed(randomBytes(11_000).toString('base64url'), 'another secret')],
    ['of no percent encoding', () => 's:%E0%A4%A'],
  ])('treats an old cookie that is %s as if it were not there', async (_, forge) => {
    const { world, old, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    const visitor = browser(forge(cookie));
    let reply: Awaited<ReturnType<World['visit']>> | undefined;
    const commands = await commandsOf(database, async () => {
      reply = await world.visit(visitor, ({ session }) => String(session.isNew));
    });
    expect([reply!.status, reply!.body, reply!.cookies]).toEqual([200, 'true', []]);
    expect(commands).toEqual([]);
    expect(world.events).toEqual([]);
  });

  test('takes the first of several cookies of the name that opens a session', async () => {
    const { world, old, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    const visitWith = (values: string[]) => {
      const headers = { cookie: values.map((value) => `connect.sid=${value}`).join('; ') };
      return world.visit(browser(''), ({ session }) => String(session['cart']), { headers });
    };
    // Of four at most: each that is signed costs a query.
    expect((await visitWith(['forged', 'forged', 'forged', signed('gone'), cookie])).body).toBe('undefined');
    expect((await visitWith(['forged', 'forged', signed('gone'), cookie])).body).toBe('tea');
  });

  test('removes an old cookie that opens nothing, by its path and domain', async () => {
    const { world, browser } = await startOldWorld(database, platform, {
      source: { cookie: { name: 'connect.sid', path: '/shop', domain: 'example.org' } },
    });
    const visitor = browser(signed('gone'));
    const reply = await world.visit(visitor);
    expect(reply.cookies).toEqual([
      'connect.sid=; Max-Age=0; Domain=example.org; Path=/shop; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly',
    ]);
    expect(reply.headers['cache-control']).toContain('no-store');
    expect(visitor.jar.size).toBe(0);
  });

  test('leaves a cookie of the same name alone, because the new token replaces it', async () => {
    const cookie = { cookie: { name: 'connect.sid' } };
    const { world, old, browser } = await startOldWorld(database, platform, { sessions: cookie });
    const user = browser((await oldSession(old)).cookie);
    const reply = await world.visit(user);
    expect(reply.cookies).toHaveLength(1);
    expect(reply.cookies[0]).toMatch(/^connect\.sid=[\w-]{59};/);
    expect(await world.isAlive(user)).toBe(true);
    expect((await world.visit(browser(signed('gone')))).cookies).toEqual([]);
  });

  test('keeps the old cookie when the handler logs the user in, and sends the token of the login', async () => {
    const { world, old, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    const user = browser(cookie);
    await world.visit(user, ({ session }) => session.login('eve', { keep: true }));
    expect([...user.jar.keys()]).toEqual(['id']);
    expect(await world.userOf(user)).toBe('eve');
    expect(await isOpened(world, browser(cookie))).toBe(false);
  });
});
