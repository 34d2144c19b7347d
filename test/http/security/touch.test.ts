// The time of last use: written seldom, only ever forwards, and never into what is gone.
import type mongoose from 'mongoose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { MINUTE, startWorld, withCookie } from './support/world.js';

const database = testDatabase({ monitorCommands: true });
const collection = database.db.collection('sessions');
const inMongo = { db: database.db, collection: 'sessions' };
const commands: string[] = [];
const record = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) => {
  if (command[commandName] === 'sessions' && commandName !== 'listIndexes' && commandName !== 'createIndexes')
    commands.push(commandName);
};
database.client.on('commandStarted', record);
afterAll(() => void database.client.off('commandStarted', record));

beforeEach(async () => {
  await collection.deleteMany({});
  commands.length = 0;
});

describe.each(PLATFORMS)('a touch on %s', (platform) => {
  test('is written once per tenth of the idle time, by whichever request comes then, whether it looks or not', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    const beginning = world.clock.now();
    commands.length = 0;
    for (let seconds = 10; seconds <= 1800; seconds += 10) {
      world.clock.advance(10_000);
      await world.visit(browser, seconds % 20 ? ({ session }) => ({ ...session }) : undefined);
    }
    expect(commands.filter((command) => command === 'find')).toHaveLength(180);
    expect(commands.filter((command) => command !== 'find')).toEqual(Array(10).fill('update'));
    expect(await lastSeen()).toEqual([beginning + 30 * MINUTE]);
  });

  test('is written by a tenth of its own idle time for a permanent session', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith({ a: 1, permanent: 100 * MINUTE });
    commands.length = 0;
    world.clock.advance(10 * MINUTE - 1);
    await world.visit(browser);
    expect(commands).toEqual(['find']);
    world.clock.advance(1);
    await world.visit(browser);
    expect(commands).toEqual(['find', 'find', 'update']);
  });

  test('goes with a change, in one write', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    commands.length = 0;
    world.clock.advance(3 * MINUTE);
    await world.visit(browser, ({ session }) => void (session['a'] = 2));
    expect(commands).toEqual(['find', 'update']);
    expect(await lastSeen()).toEqual([world.clock.now()]);
  });

  test('that is asked for is written at once', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    world.clock.advance(1);
    await world.visit(browser, ({ session }) => session.touch());
    expect(await lastSeen()).toEqual([world.clock.now()]);
  });

  test('never goes backwards: of parallel ones, on servers whose clocks differ, the latest stays', async () => {
    const [ahead, behind] = [await startWorld(platform, inMongo), await startWorld(platform, inMongo)];
    const browser = await ahead.browserWith();
    ahead.clock.advance(10 * MINUTE);
    behind.clock.advance(9 * MINUTE);
    const twin = withCookie(behind.client(), browser.jar.get('id')!);
    const held = await Promise.all([
      behind.begin(twin, ({ session }) => void (session['b'] = 2)),
      behind.begin(twin.clone()),
      ahead.begin(browser),
    ]);
    await held[2].end();
    await Promise.all(held.map((visit) => visit.end()));
    expect(await lastSeen()).toEqual([ahead.clock.now()]);
    expect(await collection.distinct('expiresAt')).toEqual([new Date(ahead.clock.now() + 30 * MINUTE)]);
    expect(await ahead.dataOf(browser)).toEqual({ a: 1, b: 2 });
  });

  test('brings nothing back: the document stays away', async () => {
    const world = await startWorld(platform, inMongo);
    const browser = await world.browserWith();
    world.clock.advance(20 * MINUTE);
    const held = [
      await world.begin(browser.clone()),
      await world.begin(browser.clone(), ({ session }) => session.touch()),
    ];
    await world.visit(browser, ({ session }) => session.logout());
    const statuses = [];
    for (const visit of held) statuses.push((await visit.end()).status);
    // Only the touch that was asked for is told that it came too late.
    expect(statuses).toEqual([200, 409]);
    expect(await collection.countDocuments()).toBe(0);
  });

  async function lastSeen(): Promise<number[]> {
    const documents = await collection.find().toArray();
    return documents.map((document) => (document['lastSeenAt'] as Date).getTime());
  }
});
