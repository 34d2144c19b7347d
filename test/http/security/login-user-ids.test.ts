// Whose a session is: any id that a user's document can have, and nothing that a request's body could put in its place.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, startWorld } from './support/world.js';

const { ObjectId, UUID, Long, Decimal128, Binary } = mongoose.mongo.BSON;
const database = testDatabase();

const IDS: [name: string, userId: string | number | object][] = [
  ['a text', 'ada'],
  ['a text that looks like an operator', '$ne'],
  ['a text that looks like a field', '$userId'],
  ['a number', 42],
  ['zero', 0],
  ['an ObjectId', new ObjectId('65f0c0ffee65f0c0ffee65f0')],
  ['a UUID', new UUID('b4b0a3c1-3d5f-4d7a-9d0e-3a6d2a4f0c11')],
  ['a Long', Long.fromString('9007199254740993')],
  ['a Decimal128', Decimal128.fromString('12345678901234567890')],
  ['a Binary', new Binary(new Uint8Array([1, 2, 3]))],
];

const REFUSED: [name: string, userId: unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['a text that is no Unicode', '\ud800'],
  ['true', true],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['a bigint', 1n],
  ['a symbol', Symbol('ada')],
  ['a function', () => 'ada'],
  ['a list', ['ada']],
  ['a Date', new Date(0)],
  ['an empty object', {}],
  ['an operator', { $ne: null }],
  ['another operator', { $gt: '' }],
  ['a regular expression', /./],
  ['a forged BSON type of a body', JSON.parse('{"_bsontype":"ObjectId","id":"ada"}')],
  [
    'an object that wears the mark of BSON itself',
    { [Symbol.for('@@mdb.bson.version')]: 7, _bsontype: 'ObjectId', $ne: null },
  ],
  ['a BSON type that is code', new mongoose.mongo.BSON.Code('return true')],
];

describe.each(PLATFORMS)('login on %s', (platform) => {
  test.each(IDS)('takes %s, stores it as it is, and finds the session by it', async (_, userId) => {
    const world = await startWorld(platform, { db: database.db, collection: 'sessions' });
    const browser = await world.browserWith({ kept: 1 });
    for (const keep of [false, ['kept'], true] as const) {
      await world.visit(browser, ({ session }) => session.login(userId, { keep }));
      let seen: unknown;
      const reply = await world.visit(browser, ({ session }) => void (seen = session.userId));
      expect(reply.status).toBe(200);
      expect(seen).toEqual(userId);
      expect(await database.db.collection('sessions').countDocuments({ userId: { $eq: userId } })).toBe(1);
    }
    await database.db.collection('sessions').deleteMany({});
  });

  test.each(REFUSED)('refuses %s, and changes nothing', async (_, userId) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const token = browser.jar.get('id');
    world.store.takeCalls();
    let error: unknown;
    const reply = await world.visit(browser, async ({ session }) => {
      await session.login(userId as string).catch((reason: unknown) => (error = reason));
      return { ...session, user: session.userId ?? null };
    });
    expect(error).toMatchObject({ code: 'SESSION_VALUE_REFUSED', message: expect.stringMatching(/no id of a user/) });
    expect([reply.status, JSON.parse(reply.body)]).toEqual([200, { a: 1, user: null }]);
    expect(browser.jar.get('id')).toBe(token);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('refuses an operator that came in a body with 500, for the program has not checked its input', async () => {
    const world = await startWorld(platform);
    const path = world.route(({ session, request }) => session.login((request as never)['body']['user']));
    const reply = await world.client().post(path, { user: { $ne: null } });
    expect([reply.status, reply.cookies]).toEqual([500, []]);
    expect(reply.body).not.toContain('$ne');
    expect(world.store.memory.size).toBe(0);
  });

  test.each([
    ['no list', 'pwd'],
    ['a list with no name in it', ['pwd', 5]],
    ['a list with an empty name', ['']],
    ['a list with blanks in a name', ['one time password']],
    ['a list with an operator', [{ $gt: '' }]],
    ['a list that is too long', Array(21).fill('pwd')],
    ['a name that is too long', ['x'.repeat(51)]],
  ])('refuses %s as amr', async (_, amr) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const attempt: Handle = ({ session }) =>
      session.login('ada', { amr: amr as string[] }).then(
        () => 'passed',
        (error: { code: string }) => error.code,
      );
    expect((await world.visit(browser, attempt)).body).toBe('SESSION_VALUE_REFUSED');
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });
});
