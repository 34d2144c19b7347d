// What a browser sees when its session of express-session is taken over.
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';
import { DAY, HOUR, MINUTE } from '../../support/world.js';
import { oldSession, signed } from './support/old-sessions.js';
import { commandsOf, isOpened, startOldWorld } from './support/old-world.js';

const database = testDatabase({ monitorCommands: true });

describe.each(PLATFORMS)('movingIn on %s', (platform) => {
  test('opens no session with the old cookie after a logout, however often it comes', { timeout: 60_000 }, async () => {
    const { world, old, moved, browser } = await startOldWorld(database, platform);
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
    const { world, old, moved, browser } = await startOldWorld(database, platform, {
      source: how === 'emptying' ? { userId: () => undefined } : {},
    });
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
    const { world, old, moved, browser } = await startOldWorld(database, platform);
    const user = browser((await oldSession(old)).cookie);
    await world.visit(user);
    world.clock.advance(10 * MINUTE);
    await world.visit(user, ({ session }) => session.logout());
    expect(await moved.countDocuments()).toBe(0);
  });

  test('takes a session over once, when many requests bring its cookie at the same time', async () => {
    const { world, old, moved, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    const tabs = Array.from({ length: 20 }, () => browser(cookie));
    expect(new Set(await Promise.all(tabs.map((tab) => isOpened(world, tab))))).toEqual(new Set([true]));
    expect(new Set(tabs.map((tab) => tab.jar.get('id'))).size).toBe(1);
    expect(await moved.countDocuments()).toBe(1);
    expect(world.eventTypes()).toEqual(['movedIn']);
  });

  test('sends the new token again when the response to the move was lost', async () => {
    const { world, old, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    await world.visit(browser(cookie));
    const again = browser(cookie);
    expect(await world.dataOf(again)).toEqual({ cart: 'tea', passport: { user: 'ada' } });
  });

  test('costs four commands once, and none with a cookie of ours, a forged one, or none', async () => {
    const { world, old, browser } = await startOldWorld(database, platform, { source: { userId: () => undefined } });
    const user = browser((await oldSession(old)).cookie);
    expect(await commandsOf(database, () => world.visit(user, ({ session }) => session['cart']))).toEqual([
      ...['find', 'find', 'insert', 'delete'],
    ]);
    user.jar.set('connect.sid', signed('another'));
    expect(await commandsOf(database, () => world.visit(user, ({ session }) => session['cart']))).toEqual(['find']);
    const forged = browser(signed('another', 'another secret'));
    expect(await commandsOf(database, () => world.visit(forged, ({ session }) => session['cart']))).toEqual([]);
    expect(await commandsOf(database, () => world.visit(world.client(), ({ session }) => session['cart']))).toEqual([]);
  });

  test('does not take over what has expired', async () => {
    const { world, old, browser } = await startOldWorld(database, platform);
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
    const { world, old, browser } = await startOldWorld(database, platform);
    const session = JSON.stringify({ cookie: { originalMaxAge }, cart: 'tea' });
    const { cookie } = await oldSession(old, {}, { session });
    expect(await world.ask(browser(cookie), ({ session: { permanent: kept } }) => kept)).toBe(permanent);
  });

  test('opens nothing with the old cookie when the session that it has become is over', async () => {
    const { world, old, moved, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    expect(await isOpened(world, browser(cookie))).toBe(true);
    world.clock.advance(31 * MINUTE);
    expect(await isOpened(world, browser(cookie))).toBe(false);
    // MongoDB has not removed it yet.
    expect(await moved.countDocuments()).toBe(1);
  });

  test('does not look at a source whose time is over, and says so at start', async () => {
    const { world, old, browser } = await startOldWorld(database, platform, {
      source: { until: new Date(Date.now() - DAY) },
    });
    const { cookie } = await oldSession(old);
    expect(await isOpened(world, browser(cookie))).toBe(false);
    expect(await old.countDocuments()).toBe(1);
    expect(world.app.log.lines.join()).toMatch(/fromConnectMongo\(\).*connect\.sid.*is over/);
  });

  test('works on a store in memory, with the collection of a client', async () => {
    const { world, old, browser } = await startOldWorld(database, platform, { isInMemory: true });
    const { cookie } = await oldSession(old);
    const user = browser(cookie);
    expect(await world.dataOf(user)).toEqual({ cart: 'tea', passport: { user: 'ada' } });
    await world.visit(user, ({ session }) => session.logout());
    expect(await isOpened(world, browser(cookie))).toBe(false);
    expect(await old.countDocuments()).toBe(0);
  });

  test('keeps within the limit of sessions without ending any, and heeds a revocation', async () => {
    const { world, old, browser } = await startOldWorld(database, platform, {
      sessions: { maxSessions: 1, onMaxSessions: 'refuse' },
    });
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

  test('heeds a revocation for as long as old sessions are taken over', async () => {
    const { world, old, moved, browser } = await startOldWorld(database, platform);
    const { cookie } = await oldSession(old);
    await world.app.nest.get(MongoSessions).of('ada').revokeAll();
    world.clock.advance(3 * HOUR);
    // What the TTL index of MongoDB removes.
    const users = database.db.collection(`${moved.collectionName}.users`);
    await users.deleteMany({ expiresAt: { $lt: new Date(world.clock.now()) } });
    expect(await isOpened(world, browser(cookie))).toBe(false);
  });
});
