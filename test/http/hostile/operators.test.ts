// Whatever a request brings: to MongoDB it is data, and never an operator, a field or an expression.
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type AnySession, type World, startWorld } from '../../support/world.js';

const { db } = testDatabase();
const COLLECTION = 'sessions';

const KEYS = [
  ...['$set', '$where', '$', '$$ROOT', '$$REMOVE', '$data', '$unset.epoch', '.$[]', 'a.$', 'a.$[b]', '$[', '.'],
  ...['data', '_id', 'epoch', 'secretHash', 'data.secretHash', 'a.b.c', '..', 'meta.permanent', 'v', ' ', 'a b', '0'],
  ...['%', '%24where', '%2E', '%map', '%enc', '\0', 'a\0b', '', 'constructor', 'toString', 'hasOwnProperty'],
  ...['_bsontype'],
];

const VALUES = [
  ...[{ $gt: '' }, { $ne: null }, { $where: 'sleep(1e6)' }, { $literal: 1 }, { $inc: { epoch: 1 } }, [{ $each: [1] }]],
  ...['$$ROOT', '$epoch', '$secretHash', '$data', { $function: { body: 'return 1', args: [], lang: 'js' } }],
  ...[{ '%enc': 'x' }, { '%map': [1, 2] }, { _bsontype: 'ObjectId', id: 'x' }, { 'a.b': { 'c.$': 1 } }],
];

async function start(platform: (typeof PLATFORMS)[number], options: object = {}): Promise<World> {
  await db.collection(COLLECTION).deleteMany({});
  return startWorld(platform, { db, collection: COLLECTION, ...options });
}

/** The documents but for their data. */
async function envelopes() {
  const documents = await db.collection(COLLECTION).find().sort({ _id: 1 }).toArray();
  return documents.map(({ data: _, ...rest }) => rest);
}

/** A handler of a program that checks nothing. */
function route(world: World, act: (session: Record<string, unknown>, body: never) => unknown): string {
  return world.route(({ session, request }) => act(session, (request as unknown as { body: never }).body));
}

describe.each(PLATFORMS)('on %s', (platform) => {
  test('a key of a body is a key of the data, when it is set, read, changed and deleted', async () => {
    const world = await start(platform);
    const [browser, other] = [await world.browserWith({ mine: 1 }), await world.browserWith({ theirs: 1 })];
    const set = route(world, (session, { key, value }) => void (session[key] = value));
    const erase = route(world, (session, { key }) => void delete session[key]);
    const before = await envelopes();
    for (const key of KEYS) {
      for (const value of [1, { $set: 2 }]) {
        expect((await browser.post(set, { key, value })).status, key).toBe(200);
        expect(await world.dataOf(browser)).toEqual({ mine: 1, [key]: value });
      }
      expect((await browser.post(erase, { key })).status).toBe(200);
    }
    expect(await world.dataOf(browser)).toEqual({ mine: 1 });
    expect(await world.dataOf(other)).toEqual({ theirs: 1 });
    expect(await envelopes()).toEqual(before);
  });

  test('a value of a body is a value, in an update, in an insert and through a login', async () => {
    const world = await start(platform);
    const set = route(world, (session, { value }) => void (session['value'] = value));
    const login = route(world, (session, { user }) =>
      (session as unknown as AnySession).login(user, { keep: ['value'] }),
    );
    for (const value of VALUES) {
      const browser = world.client();
      for (const next of [value, [value], { deep: { value } }]) {
        expect((await browser.post(set, { value: next })).status).toBe(200);
        expect(await world.dataOf(browser)).toEqual({ value: next });
      }
      const user = JSON.stringify(value);
      expect((await browser.post(login, { user })).status).toBe(200);
      expect(await world.dataOf(browser)).toEqual({ value: { deep: { value } } });
      expect(await envelopes()).toContainEqual(expect.objectContaining({ userId: user, epoch: 1 }));
    }
  });

  test('names to keep are names: they choose among the data, whatever they look like', async () => {
    const world = await start(platform);
    const data = Object.fromEntries(KEYS.map((key) => [key, key]));
    for (const key of KEYS) {
      const browser = await world.browserWith({ ...data, mine: 1 });
      const reply = await world.visit(browser, ({ session }) => session.regenerate({ keep: [key, '$$ROOT', '$data'] }));
      expect(reply.status, key).toBe(200);
      const kept = [key, '$$ROOT', '$data'].filter((name) => name in data && Object.hasOwn(data, name));
      expect(await world.dataOf(browser)).toEqual(Object.fromEntries(kept.map((name) => [name, name])));
    }
  });

  test.each([
    ['operators', [{ $ne: 1 }]],
    ['a list in a list', [['mine']]],
    ['null', [null]],
    ['a text in place of a list', 'mine'],
    ['an operator in place of a list', { $exists: true }],
    ['a number', 1],
    ['null in place of a list', null],
    ['a list with a hole', Object.assign([], { 1: 'mine' })],
  ])('names to keep that are none are refused before anything happens: %s', async (_, keep) => {
    const world = await start(platform);
    const browser = await world.browserWith({ mine: 1 });
    const before = await envelopes();
    const errors: unknown[] = [];
    await world.visit(browser, async ({ session }) => {
      await session.regenerate({ keep: keep as never }).catch((error: unknown) => errors.push(error));
      await session.login('ada', { keep: keep as never }).catch((error: unknown) => errors.push(error));
    });
    expect(errors).toEqual([expect.any(SessionError), expect.any(SessionError)]);
    expect(errors).toMatchObject([{ code: 'SESSION_VALUE_REFUSED' }, { code: 'SESSION_VALUE_REFUSED' }]);
    expect(await world.dataOf(browser)).toEqual({ mine: 1 });
    expect(await envelopes()).toEqual(before);
  });

  test.each([['text'], ['Binary']])('a user id of a megabyte is refused, as %s', async (kind) => {
    const world = await start(platform);
    const browser = await world.browserWith({ mine: 1 });
    const { Binary } = await import('bson');
    const id = kind === 'text' ? 'x'.repeat(1e6) : new Binary(Buffer.alloc(1e6));
    const reply = await world.visit(browser, ({ session }) =>
      session.login(id).catch((error: { code: string }) => error.code),
    );
    expect(reply.body).toBe('SESSION_VALUE_REFUSED');
    expect(await envelopes()).toMatchObject([{ epoch: 0 }]);
  });

  test.each(['{"$gt":""}', 'j:{"$ne":null}', '[object Object]', '$where', "'; return true; //"])(
    'a token that is %s is as good as none, in a cookie and in a header',
    async (token) => {
      const world = await start(platform);
      const headers = await startWorld(platform, {
        db,
        collection: COLLECTION,
        transport: { header: 'x-session-token' },
      });
      await world.browserWith({ mine: 1 });
      const names = ['id', 'id[$ne]', 'id[]', 'id.$gt'];
      const cookie = names.map((name) => `${name}=${token}`).join('; ');
      expect(await world.dataOf(world.client(), { headers: { cookie } })).toEqual({});
      expect(await headers.dataOf(headers.client(), { headers: { 'x-session-token': token } })).toEqual({});
      expect(world.eventTypes().slice(-1)).toEqual(['rejected: malformed']);
      expect(headers.eventTypes()).toEqual(['rejected: malformed']);
    },
  );

  test('permanent takes a time and nothing else', async () => {
    const world = await start(platform);
    const browser = await world.browserWith({ mine: 1 });
    const remember = route(world, (session, { permanent }) => void (session['permanent'] = permanent));
    const before = await envelopes();
    for (const permanent of [{ $gt: 0 }, '$$NOW', [1, 2], NaN, -1, 1e18, { valueOf: 5 }, 'true'])
      expect((await browser.post(remember, { permanent })).status).toBe(500);
    expect(await envelopes()).toEqual(before);
  });
});
