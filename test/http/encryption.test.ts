// Encrypted sessions: what the database shows of them, what happens without the key, and that a value belongs to one login.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EncryptionKeyProvider } from '../../lib/index.js';
import { type Platform, PLATFORMS, testDatabase } from '../support/http.js';
import { type AnySession, MINUTE, startWith, startWorld } from '../support/world.js';

const { db } = testDatabase();
const key = randomBytes(32);
const newer = randomBytes(32);
const SECRET = 'a diagnosis';
let count = 0;

async function start(
  platform: Platform,
  keys: readonly Uint8Array[] | EncryptionKeyProvider = [key],
  hideKeyNames = false,
) {
  const collection = db.collection<{ data: Record<string, unknown> }>(`sealed_${count++}`);
  const encryption = { keys, cacheFor: '1m', hideKeyNames } as const;
  const world = await startWorld(platform, { collection: collection.collectionName, db, encryption, timeoutMs: 5000 });
  const sealed = async (name: string) => (await collection.findOne({}))!.data[name];
  const putBack = (name: string, value: unknown) => collection.updateOne({}, { $set: { [`data.${name}`]: value } });
  return { world, collection, sealed, putBack };
}

describe.each(PLATFORMS)('encryption on %s', (platform) => {
  test.each([
    ['every value, and leaves user, times and names of keys to be queried', false, ['record']],
    ['the names of the keys too, if asked for', true, [expect.not.stringContaining('record')]],
  ])('hides %s', async (_, hideKeyNames, keys) => {
    const { world, collection } = await start(platform, [key], hideKeyNames);
    const browser = await world.browserWith({ record: SECRET });
    await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
    expect(await world.dataOf(browser)).toEqual({ record: SECRET });
    const document = (await collection.findOne())!;
    expect(document).toMatchObject({ userId: 'ada', epoch: 1, expiresAt: expect.any(Date) as Date });
    expect(JSON.stringify(document)).not.toContain(SECRET);
    expect(Object.keys(document.data)).toEqual(keys);
  });

  test('keeps the changes of parallel requests apart', async () => {
    const { world } = await start(platform);
    const browser = await world.browserWith({ first: 1 });
    const keys = ['a', 'b', 'c', 'd'];
    await Promise.all(keys.map((name) => world.visit(browser, ({ session }) => void (session[name] = 1))));
    expect(Object.keys((await world.dataOf(browser)) as object).toSorted()).toEqual([...keys, 'first']);
  });

  test.each([
    ['another key', { encryption: { keys: [newer] } }],
    ['no key', {}],
  ])('with %s, a session counts as none: no error, no change, and an event', async (_, encryption) => {
    const { world: before, collection } = await start(platform);
    const browser = await before.browserWith();
    const stored = await collection.findOne();
    const world = await startWorld(platform, { collection: collection.collectionName, db, ...encryption });
    const reply = await world.visit(world.client(browser), ({ session }) => ({ ...session }));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{}', []]);
    expect(world.events).toMatchObject([{ type: 'rejected', reason: 'undecodable' }]);
    expect(await collection.findOne()).toEqual(stored);
  });
});

describe.each(PLATFORMS)('A25: the associated data of encrypted values, on %s', (platform) => {
  const LOGINS: [string, (session: AnySession) => Promise<void>][] = [
    ['a login that keeps it', (session) => session.login('bob', { keep: ['role'] })],
    ['a login that keeps everything', (session) => session.login('bob', { keep: true })],
    ['a login that keeps nothing', (session) => session.login('bob')],
    ['regenerate that keeps it', (session) => session.regenerate({ keep: ['role'] })],
    ['regenerate that keeps everything', (session) => session.regenerate({ keep: true })],
  ];

  test.each(LOGINS)('refuse a value from before %s', async (_, login) => {
    const { world, sealed, putBack } = await start(platform);
    const browser = await world.browserOf('ann');
    await world.visit(browser, ({ session }) => void (session['role'] = 'admin'));
    const ofAnn = await sealed('role');
    await world.visit(browser, async ({ session }) => {
      await login(session);
      session['role'] = 'guest';
    });
    expect(await world.dataOf(browser)).toEqual({ role: 'guest' });
    await putBack('role', ofAnn);
    expect(await world.isAlive(browser)).toBe(false);
    expect(world.eventTypes().at(-1)).toBe('rejected: undecodable');
  });

  test.each(LOGINS.filter(([name]) => !name.includes('nothing')))('let %s have it, and change it', async (_, login) => {
    const { world, sealed } = await start(platform);
    const browser = await world.browserWith({ role: 'guest', n: 1, other: 'x' });
    const before = await sealed('role');
    await world.visit(browser, ({ session }) => login(session));
    expect(await sealed('role')).not.toEqual(before);
    expect(await world.dataOf(browser)).toMatchObject({ role: 'guest' });
    await world.visit(browser, ({ session }) => session.increment('n'));
    await world.visit(browser, ({ session }) => void (session['role'] = 'admin'));
    expect(await world.dataOf(browser)).toMatchObject({ role: 'admin' });
  });

  test('lose no change that was saved while a login was reading what it keeps', async () => {
    const { world } = await start(platform);
    const browser = await world.browserWith({ n: 0 });
    const writes: unknown[] = [];
    for (let round = 0; round < 20; round++) {
      let login: Promise<unknown> | undefined;
      // The login starts when the write has read its session, and has a little more of a lead in each round.
      const write = world.visit(browser.clone(), async ({ session }) => {
        login = world.visit(browser, ({ session: same }) => same.regenerate({ keep: ['n'] }));
        for (let turn = 0; turn < 2 * round; turn++) await new Promise(setImmediate);
        writes.push(await session.increment('n'));
      });
      await write;
      await login;
    }
    expect(await world.dataOf(browser)).toEqual({ n: writes.length });
    expect(writes.length).toBeGreaterThan(0);
  });
});

describe.each(PLATFORMS)('A20: a provider of keys that hangs, on %s', (platform) => {
  test('keeps no request waiting while there are keys from before', async () => {
    let answer: EncryptionKeyProvider = async () => [key];
    const { world } = await start(platform, () => answer());
    const browser = await world.browserWith({ a: 1 });
    const released: (() => void)[] = [];
    let asked = 0;
    answer = () => {
      asked += 1;
      return new Promise((resolve) => released.push(() => resolve([newer, key])));
    };
    world.clock.advance(MINUTE);
    for (let visit = 0; visit < 3; visit++) expect(await world.dataOf(browser)).toEqual({ a: 1 });
    await world.visit(browser, ({ session }) => void (session['b'] = 2));
    expect(await world.dataOf(browser)).toEqual({ a: 1, b: 2 });
    expect(asked).toBe(1);
    released[0]!();
    expect(await world.dataOf(browser)).toEqual({ a: 1, b: 2 });
    expect(world.app.log.lines).toEqual([]);
  });

  test('that fails from the start has one line in the log, however many requests ask again', async () => {
    let isDown = true;
    const { world } = await start(platform, async () => {
      if (isDown) throw new Error('no route');
      return Promise.resolve([key]);
    });
    const statuses: number[] = [];
    const write = () => world.visit(world.client(), ({ session }) => void (session['a'] = 1));
    for (let visit = 0; visit < 3; visit++) statuses.push((await write()).status);
    isDown = false;
    statuses.push((await write()).status);
    expect([statuses, world.app.log.lines]).toEqual([[503, 503, 503, 200], [expect.stringContaining('has failed')]]);
  });

  test('is waited for where only its answer can open a session', async () => {
    let keys = [key];
    const { world: slow, collection } = await start(platform, async () => Promise.resolve(keys));
    // An app that was idle for long: another one writes with a key that it has not heard of.
    const fast = { collection: collection.collectionName, db, encryption: { keys: [newer, key] } };
    const { browser } = await startWith(platform, fast);
    keys = [newer, key];
    await slow.browserWith();
    slow.clock.advance(MINUTE);
    expect(await slow.dataOf(slow.client(browser))).toEqual({ a: 1 });
  });
});
