// What a browser sees when its session of express-session is taken over, and what an attacker sees.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessions, type SessionOptions } from '../../../lib/index.js';
import { type ConnectMongoOptions, fromConnectMongo } from '../../../lib/moving-in/index.js';
import { PLATFORMS, type Platform } from '../../support/app.js';
import type { HttpClient } from '../../support/http-client.js';
import { testDatabase } from '../../support/mongo.js';
import { DAY, HOUR, MINUTE, type World, startWorld } from '../../support/world.js';
import { SECRET, oldSession, signed, until } from './support/old-sessions.js';

const { db, client } = testDatabase({ monitorCommands: true });
let collections = 0;

async function oldWorld(
  platform: Platform,
  given: Partial<ConnectMongoOptions> = {},
  sessions: Partial<SessionOptions> = {},
  isInMemory = false,
) {
  const old = db.collection(`old_${++collections}`);
  const source = fromConnectMongo({
    ...{ collection: old, cookie: 'connect.sid', secrets: [SECRET], until },
    userId: (data) => data['passport']?.user as unknown,
    ...given,
  });
  const place = isInMemory ? { store: new MemorySessionStore() } : { collection: `new_${collections}`, db };
  const world = await startWorld(platform, { ...place, movingIn: [source], ...sessions });
  const moved = db.collection(`new_${collections}`);
  const browser = (value: string) => {
    const twin = world.client();
    twin.jar.set('connect.sid', value);
    return twin;
  };
  return { world, old, moved, browser };
}

const isOpened = (world: World, browser: HttpClient) => world.ask(browser, ({ session }) => !session.isNew);
/** The commands that the action causes. */
async function commandsOf(action: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const note = ({ commandName }: { commandName: string }) => void names.push(commandName);
  client.on('commandStarted', note);
  await action();
  client.off('commandStarted', note);
  return names.filter((name) => ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate'].includes(name));
}

describe.each(PLATFORMS)('movingIn on %s', (platform) => {
  test('opens no session with the old cookie after a logout, however often it comes', { timeout: 60_000 }, async () => {
    const { world, old, moved, browser } = await oldWorld(platform);
    const { cookie, sid } = await oldSession(old);
    const user = browser(cookie);
    await world.visit(user, ({ session }) => session.logout());
    // The original comes back, as by a late save of an old process.
    await oldSession(old, { cart: 'tea' }, { _id: sid });
    const thieves = Array.from({ length: 50 }, () => browser(cookie));
    const sendThousand = async () => {
      for (let round = 0; round < 20; round++) {
        for (const { jar } of thieves) jar.set('connect.sid', cookie);
        const opened = await Promise.all(thieves.map((thief) => isOpened(world, thief)));
        expect(opened).not.toContain(true);
      }
    };
    await sendThousand();
    expect(await old.countDocuments()).toBe(0);
    expect(await moved.findOne()).toMatchObject({ epoch: -1, data: {} });
    expect(await moved.findOne()).not.toHaveProperty('userId');
    world.clock.advance(HOUR);
    await moved.deleteMany({});
    await sendThousand();
    expect(world.eventTypes().filter((type) => type === 'movedIn')).toHaveLength(1);
  });

  test.each(['logout', 'emptying', 'revoke', 'revokeAll', 'destroy'])('leaves a tombstone after %s', async (how) => {
    const { world, old, moved, browser } = await oldWorld(
      platform,
      how === 'emptying' ? { userId: () => undefined } : {},
    );
    const { cookie } = await oldSession(old);
    const user = browser(cookie);
    const sessions = world.app.nest.get(MongoSessions);
    const handle = (await world.ask(user, ({ session }) => session.handle)) as string;
    if (how === 'logout') await world.visit(user, ({ session }) => session.logout());
    if (how === 'destroy') await world.visit(user, ({ session }) => session.destroy());
    if (how === 'emptying')
      await world.visit(user, ({ session }) => Object.keys(session).forEach((key) => delete session[key]));
    if (how === 'revoke') expect(await sessions.revoke(handle)).toBe(true);
    if (how === 'revokeAll') expect(await sessions.of('ada').revokeAll()).toBe(1);
    expect(await moved.findOne()).toMatchObject({ epoch: -1, data: {} });
    expect(await world.isAlive(user)).toBe(false);
    expect(await sessions.revoke(handle)).toBe(false);
  });

  test('removes no more than the session when it was moved ten minutes ago', async () => {
    const { world, old, moved, browser } = await oldWorld(platform);
    const user = browser((await oldSession(old)).cookie);
    await world.visit(user);
    world.clock.advance(10 * MINUTE);
    await world.visit(user, ({ session }) => session.logout());
    expect(await moved.countDocuments()).toBe(0);
  });

  test('takes a session over once, when many requests bring its cookie at the same time', async () => {
    const { world, old, moved, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old);
    const tabs = Array.from({ length: 20 }, () => browser(cookie));
    expect(new Set(await Promise.all(tabs.map((tab) => isOpened(world, tab))))).toEqual(new Set([true]));
    expect(new Set(tabs.map((tab) => tab.jar.get('id'))).size).toBe(1);
    expect(await moved.countDocuments()).toBe(1);
    expect(world.eventTypes()).toEqual(['movedIn']);
  });

  test('sends the new token again when the response to the move was lost', async () => {
    const { world, old, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old);
    await world.visit(browser(cookie));
    const again = browser(cookie);
    expect(await world.dataOf(again)).toEqual({ cart: 'tea', passport: { user: 'ada' } });
  });

  test('costs four commands once, and none with a cookie of ours, a forged one, or none', async () => {
    const { world, old, browser } = await oldWorld(platform, { userId: () => undefined });
    const user = browser((await oldSession(old)).cookie);
    expect(await commandsOf(() => world.visit(user, ({ session }) => session['cart']))).toEqual([
      ...['find', 'find', 'insert', 'delete'],
    ]);
    user.jar.set('connect.sid', signed('another'));
    expect(await commandsOf(() => world.visit(user, ({ session }) => session['cart']))).toEqual(['find']);
    const forged = browser(signed('another', 'another secret'));
    expect(await commandsOf(() => world.visit(forged, ({ session }) => session['cart']))).toEqual([]);
    expect(await commandsOf(() => world.visit(world.client(), ({ session }) => session['cart']))).toEqual([]);
  });

  test('opens nothing for somebody who has a dump of the old collection', async () => {
    const { world, old, browser } = await oldWorld(platform);
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
    const { world, old, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old);
    const visitor = browser(forge(cookie));
    let reply: Awaited<ReturnType<World['visit']>> | undefined;
    const commands = await commandsOf(async () => {
      reply = await world.visit(visitor, ({ session }) => String(session.isNew));
    });
    expect([reply!.status, reply!.body, reply!.cookies]).toEqual([200, 'true', []]);
    expect(commands).toEqual([]);
    expect(world.events).toEqual([]);
  });

  test('takes the first of several cookies of the name that opens a session', async () => {
    const { world, old, browser } = await oldWorld(platform);
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
    const { world, browser } = await oldWorld(platform, {
      cookie: { name: 'connect.sid', path: '/shop', domain: 'example.org' },
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
    const { world, old, browser } = await oldWorld(platform, {}, cookie);
    const user = browser((await oldSession(old)).cookie);
    const reply = await world.visit(user);
    expect(reply.cookies).toHaveLength(1);
    expect(reply.cookies[0]).toMatch(/^connect\.sid=[\w-]{59};/);
    expect(await world.isAlive(user)).toBe(true);
    expect((await world.visit(browser(signed('gone')))).cookies).toEqual([]);
  });

  test('keeps the old cookie when the handler logs the user in, and sends the token of the login', async () => {
    const { world, old, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old);
    const user = browser(cookie);
    await world.visit(user, ({ session }) => session.login('eve', { keep: true }));
    expect([...user.jar.keys()]).toEqual(['id']);
    expect(await world.userOf(user)).toBe('eve');
    expect(await isOpened(world, browser(cookie))).toBe(false);
  });

  test('does not take over what has expired', async () => {
    const { world, old, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old, { cart: 'tea' }, { expires: new Date(Date.now() - HOUR) });
    expect(await isOpened(world, browser(cookie))).toBe(false);
    expect(world.eventTypes()).toEqual([]);
  });

  test.each([
    ['7 days', 7 * DAY, 7 * DAY],
    ['30 days, which is more than permanent.idleTimeout', 30 * DAY, 14 * DAY],
    ['half a millisecond', 0.5, 1],
    ['0', 0, false],
    ['null', null, false],
    ['a text', '7d', false],
  ])('keeps an originalMaxAge of %s as session.permanent', async (_, originalMaxAge, permanent) => {
    const { world, old, browser } = await oldWorld(platform);
    const session = JSON.stringify({ cookie: { originalMaxAge }, cart: 'tea' });
    const { cookie } = await oldSession(old, {}, { session });
    expect(await world.ask(browser(cookie), ({ session: { permanent: kept } }) => kept)).toBe(permanent);
  });

  test('opens nothing with the old cookie when the session that it has become is over', async () => {
    const { world, old, moved, browser } = await oldWorld(platform);
    const { cookie } = await oldSession(old);
    expect(await isOpened(world, browser(cookie))).toBe(true);
    world.clock.advance(31 * MINUTE);
    expect(await isOpened(world, browser(cookie))).toBe(false);
    // MongoDB has not removed it yet.
    expect(await moved.countDocuments()).toBe(1);
  });

  test('does not look at a source whose time is over, and says so at start', async () => {
    const { world, old, browser } = await oldWorld(platform, { until: new Date(Date.now() - DAY) });
    const { cookie } = await oldSession(old);
    expect(await isOpened(world, browser(cookie))).toBe(false);
    expect(await old.countDocuments()).toBe(1);
    expect(world.app.log.lines.join()).toMatch(/fromConnectMongo\(\).*connect\.sid.*is over/);
  });

  test('works on a store in memory, with the collection of a client', async () => {
    const { world, old, browser } = await oldWorld(platform, {}, {}, true);
    const { cookie } = await oldSession(old);
    const user = browser(cookie);
    expect(await world.dataOf(user)).toEqual({ cart: 'tea', passport: { user: 'ada' } });
    await world.visit(user, ({ session }) => session.logout());
    expect(await isOpened(world, browser(cookie))).toBe(false);
    expect(await old.countDocuments()).toBe(0);
  });

  test('keeps within the limit of sessions without ending any, and heeds a revocation', async () => {
    const { world, old, browser } = await oldWorld(platform, {}, { maxSessions: 1, onMaxSessions: 'refuse' });
    const users = await Promise.all([oldSession(old), oldSession(old)]);
    for (const { cookie } of users) expect(await isOpened(world, browser(cookie))).toBe(true);
    const sessions = world.app.nest.get(MongoSessions);
    expect(await sessions.of('ada').list()).toHaveLength(2);
    const late = await oldSession(old);
    expect(await sessions.of('ada').revokeAll()).toBe(2);
    expect(await isOpened(world, browser(late.cookie))).toBe(false);
    expect(await sessions.of('ada').list()).toEqual([]);
    expect(await old.countDocuments()).toBe(0);
  });
});
