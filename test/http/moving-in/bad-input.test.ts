// Old documents that can't be read, old databases that are away, functions of the app that throw, and options that can't be right.
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import { type ConnectMongoOptions, fromConnectMongo, fromCookie, fromDocuments } from '../../../lib/moving-in/index.js';
import { PLATFORMS, type Platform } from '../../support/app.js';
import { failCommand, testDatabase } from '../../support/mongo.js';
import { DAY, startWorld } from '../../support/world.js';
import { SECRET, oldSession, signed, until } from './support/old-sessions.js';

const { db, uri } = testDatabase();
let collections = 0;

async function oldWorld(platform: Platform, given: Partial<ConnectMongoOptions> = {}, sessions: SessionOptions = {}) {
  const name = `old_bad_${++collections}`;
  const base = { cookie: 'connect.sid', secrets: [SECRET], until };
  const movingIn = [fromConnectMongo({ collection: name, ...base, ...given })];
  const world = await startWorld(platform, { collection: `new_bad_${collections}`, db, movingIn, ...sessions });
  const browser = (value: string) => {
    const twin = world.client();
    twin.jar.set('connect.sid', value);
    return twin;
  };
  return { world, old: db.collection(name), moved: db.collection(`new_bad_${collections}`), browser };
}

const throwing = () => {
  throw new Error('a fault of the app');
};

interface Bad {
  readonly given?: Partial<ConnectMongoOptions>;
  readonly data?: object;
  readonly document?: object;
  readonly sessions?: SessionOptions;
  readonly reason: 'undecodable' | 'too-large';
}

const BAD: Record<string, Bad> = {
  'no JSON': { document: { session: '{' }, reason: 'undecodable' },
  'a list': { document: { session: '[1]' }, reason: 'undecodable' },
  'a number': { document: { session: 5 }, reason: 'undecodable' },
  'no session at all': { document: { session: null }, reason: 'undecodable' },
  'what is still encrypted': { document: { session: '{"hmac":"a","ct":"b"}' }, reason: 'undecodable' },
  'bytes instead of a session': { document: { session: Buffer.from('{"cookie":{}}') }, reason: 'undecodable' },
  'an end as a text': { document: { expires: '2020-01-01T00:00:00Z' }, reason: 'undecodable' },
  'an end as a number': { document: { expires: 1_577_836_800_000 }, reason: 'undecodable' },
  'no end where one should be': { document: { expires: null }, reason: 'undecodable' },
  'what can not be decrypted': { given: { decrypt: throwing }, reason: 'undecodable' },
  'an unserialize that throws': { given: { unserialize: throwing }, reason: 'undecodable' },
  'a data that throws': { given: { data: throwing }, reason: 'undecodable' },
  'a data that gives no object': { given: { data: () => 'text' as never }, reason: 'undecodable' },
  'a userId that throws': { given: { userId: throwing }, reason: 'undecodable' },
  'a userId that is none': { given: { userId: () => ({ $gt: '' }) }, reason: 'undecodable' },
  'more bytes than maxSize': { data: { a: 'x'.repeat(500) }, sessions: { maxSize: 400 }, reason: 'too-large' },
  'more keys than maxKeys': { data: { a: 1, b: 2, c: 3 }, sessions: { maxKeys: 2 }, reason: 'too-large' },
  'more levels than maxDepth': { data: { a: { b: { c: 1 } } }, sessions: { maxDepth: 1 }, reason: 'too-large' },
};

describe.each(PLATFORMS)('movingIn on %s', (platform) => {
  test.each(Object.entries(BAD))(
    'leaves %s alone, and says so',
    async (_, { given, data, document, sessions, reason }) => {
      const { world, old, moved, browser } = await oldWorld(platform, given, sessions);
      const { cookie } = await oldSession(old, data, document);
      const visitor = browser(cookie);
      const reply = await world.visit(visitor, ({ session }) => String(session.isNew));
      expect([reply.status, reply.body, reply.cookies]).toEqual([200, 'true', []]);
      expect(world.events).toEqual([expect.objectContaining({ type: 'notMovedIn', from: 'fromConnectMongo', reason })]);
      expect([await old.countDocuments(), await moved.countDocuments()]).toEqual([1, 0]);
    },
  );

  test('keeps odd keys as data, and renames those of our members', async () => {
    const { world, old, browser } = await oldWorld(platform);
    const text =
      '{"cookie":{},"__proto__":{"x":1},"constructor":"c","userId":7,"a.b":1,"$x":2,"":3,"login":4,"legacy:login":5}';
    const { cookie } = await oldSession(old, {}, { session: text });
    const user = browser(cookie);
    const entries = await world.ask(user, ({ session }) => Object.entries(session));
    expect(Object.fromEntries(entries as [string, unknown][])).toEqual({
      'legacy:__proto__': { x: 1 },
      constructor: 'c',
      'legacy:userId': 7,
      'a.b': 1,
      $x: 2,
      '': 3,
      'legacy:legacy:login': 4,
      'legacy:login': 5,
    });
    expect(world.events).toEqual([
      expect.objectContaining({ type: 'movedIn', renamed: expect.arrayContaining(['__proto__', 'userId', 'login']) }),
    ]);
  });

  test('removes the original of a session that is not wanted, or that holds nothing', async () => {
    for (const given of [{ data: () => undefined }, { data: () => ({}) }]) {
      const { world, old, moved, browser } = await oldWorld(platform, given);
      const visitor = browser((await oldSession(old)).cookie);
      await world.visit(visitor);
      expect([await old.countDocuments(), await moved.countDocuments()]).toEqual([0, 0]);
      expect(visitor.jar.size).toBe(0);
    }
  });

  test('answers 503 where the session is needed, while the old database is away, and moves nothing', async () => {
    const away = new mongoose.mongo.MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 });
    onTestFinished(() => away.close());
    const { world, moved, browser } = await oldWorld(platform, { collection: away.db('old').collection('sessions') });
    const visitor = browser(signed('some id'));
    const reply = await world.visit(visitor, ({ session }) => session.isNew);
    expect([reply.status, reply.cookies]).toEqual([503, []]);
    expect((await world.visit(visitor, () => 'no session')).status).toBe(200);
    expect(await moved.countDocuments()).toBe(0);
    expect(visitor.jar.get('connect.sid')).toBe(signed('some id'));
    expect(world.app.log.lines.filter((line) => line.includes('another library'))).toHaveLength(1);
  });

  test('answers 503 while the old database is slow, and goes on when it is not', async () => {
    const other = new mongoose.mongo.MongoClient(uri, { appName: `${db.databaseName}-slow` });
    onTestFinished(() => other.close());
    const name = `old_slow_${platform}`;
    const collection = other.db(db.databaseName).collection(name);
    const { world, moved, browser } = await oldWorld(platform, { collection }, { timeoutMs: 300 });
    const { cookie } = await oldSession(db.collection(name));
    const user = browser(cookie);
    // The read of the original, and after the insert its removal.
    for (const [command, count] of [
      ['find', 0],
      ['delete', 1],
    ] as const) {
      const release = await failCommand(other, { failCommands: [command], blockConnection: true, blockTimeMS: 1000 });
      const reply = await world.visit(user, ({ session }) => session['cart']);
      expect([reply.status, reply.cookies]).toEqual([503, []]);
      expect(await moved.countDocuments()).toBe(count);
      await release();
    }
    expect((await world.visit(user, ({ session }) => session['cart'])).body).toBe('tea');
    expect(await db.collection(name).countDocuments()).toBe(0);
  });

  test('answers 503 without the right to remove originals, names the grant once, and goes on when it is there', async () => {
    const other = new mongoose.mongo.MongoClient(uri, { appName: `${db.databaseName}-old` });
    onTestFinished(() => other.close());
    const name = `old_denied_${platform}`;
    const { world, browser } = await oldWorld(platform, { collection: other.db(db.databaseName).collection(name) });
    const { cookie } = await oldSession(db.collection(name));
    const user = browser(cookie);
    const grant = await failCommand(other, { failCommands: ['delete'], errorCode: 13 });
    for (let n = 0; n < 2; n++) {
      const reply = await world.visit(user, ({ session }) => session['cart']);
      expect([reply.status, reply.cookies]).toEqual([503, []]);
    }
    await grant();
    expect((await world.visit(user, ({ session }) => session['cart'])).body).toBe('tea');
    expect([...user.jar.keys()]).toEqual(['id']);
    const lines = world.app.log.lines.filter((line) => line.includes('grantPrivilegesToRole'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`"collection":"${name}"},"actions":["find","remove"]`);
  });
});

const base = { collection: 'old', cookie: 'connect.sid', secrets: [SECRET], until: '2027-02-01' };
const LONG = 'a secret of thirty-two characters';
const decode = () => undefined;
const clock = { now: () => Date.UTC(2027, 0, 1) };
const start = (options: object) => () => resolveOptions({ collection: 'new', clock, ...options });
const source = (given: object = {}) => fromConnectMongo({ ...base, ...given });
const inADay = (days: number) => new Date(clock.now() + days * DAY);

const REFUSED: Record<string, readonly [() => unknown, RegExp]> = {
  'no until': [() => source({ until: undefined }), /fromConnectMongo\.until/],
  'an until that is no date': [start({ movingIn: [source({ until: 'soon' })] }), /movingIn\[0\]\.until.*'2027-02-01'/],
  ...Object.fromEntries(
    ['2027-2-1', '2027/02/01', 'Feb 1 2027', '2027-02', '1', ' 2027-02-01', '2027-02-30', '2027-02-30T10:00Z'].map(
      (day) =>
        [`an until of '${day}'`, [start({ movingIn: [source({ until: day })] }), /movingIn\[0\]\.until/]] as const,
    ),
  ),
  'an until of a number': [start({ movingIn: [source({ until: 5 })] }), /movingIn\[0\]\.until/],
  'an until too far ahead': [start({ movingIn: [source({ until: inADay(91) })] }), /at most 90 days/],
  'no secrets': [() => source({ secrets: [] }), /fromConnectMongo\.secrets/],
  'an empty secret': [() => source({ secrets: [''] }), /fromConnectMongo\.secrets/],
  'no list of secrets': [() => source({ secrets: SECRET }), /fromConnectMongo\.secrets/],
  'a short secret where the old library had none': [
    () => fromCookie({ cookie: 'a', secrets: [SECRET], until, decode }),
    /fromCookie\.secrets.*32 characters/,
  ],
  'no cookie': [() => source({ cookie: undefined }), /fromConnectMongo\.cookie/],
  'a cookie name with a semicolon': [() => source({ cookie: 'a;b' }), /fromConnectMongo\.cookie/],
  'no cookies': [() => fromCookie({ cookie: [], secrets: [LONG], until, decode }), /fromCookie\.cookie/],
  'no collection': [() => source({ collection: undefined }), /fromConnectMongo\.collection/],
  'an address as collection': [() => source({ collection: 'mongodb://host/db' }), /fromConnectMongo\.collection/],
  'an unknown option': [() => source({ secret: SECRET }), /fromConnectMongo\.secret`.*`fromConnectMongo\.secrets`/],
  'an unknown cookieFormat': [() => source({ cookieFormat: 'koa' }), /fromConnectMongo\.cookieFormat/],
  'a prefix with express': [() => source({ cookiePrefix: 'a' }), /fromConnectMongo\.cookiePrefix/],
  'a transformId that is no function': [() => source({ transformId: 'sess:' }), /fromConnectMongo\.transformId/],
  'no idOf': [
    () => fromDocuments({ ...base, secrets: [LONG], decode, idOf: undefined as never }),
    /fromDocuments\.idOf/,
  ],
  'an idField with an operator': [
    () => fromDocuments({ ...base, secrets: [LONG], decode, idOf: String, idField: '$where' }),
    /fromDocuments\.idField/,
  ],
  'no decode': [() => fromCookie({ cookie: 'a', secrets: [LONG], until } as never), /fromCookie\.decode/],
  'two sources of one cookie': [
    start({ movingIn: [source(), source({ collection: 'other' })] }),
    /movingIn\[1\]\.cookie/,
  ],
  'no array': [start({ movingIn: source() }), /option `movingIn`/],
  'a source of another form': [start({ movingIn: [{ collection: 'old' }] }), /movingIn\[0\]/],
  'the token in a header': [
    start({ movingIn: [source()], transport: { header: 'x-session' } }),
    /leave `transport` out/,
  ],
  'a store without the port': [
    () => startWorld('express', { movingIn: [source({ until })], store: { find() {} } as never }),
    /needs a store that is a MovingStore/,
  ],
  'the name of a collection beside a store': [
    async () => {
      const { MemorySessionStore } = await import('../../../lib/index.js');
      return startWorld('express', { movingIn: [source({ until })], store: new MemorySessionStore() });
    },
    /give a collection of the driver/,
  ],
};

test.each(Object.entries(REFUSED))('movingIn refuses %s', async (_, [act, message]) => {
  const error = await (async () => act())().then(
    () => undefined,
    (thrown: unknown) => thrown as { code?: string; message: string },
  );
  expect(error).toMatchObject({ code: 'SESSION_OPTION_INVALID', message: expect.stringMatching(message) });
  expect(error!.message).not.toContain(SECRET);
});

test('movingIn lets a day without a time last to its end, UTC', () => {
  expect(start({ movingIn: [source()] })()).toMatchObject({ movingIn: [{ until: Date.UTC(2027, 1, 2) }] });
  const at = start({ movingIn: [source({ until: '2027-02-01T10:00+02:00' })] });
  expect(at()).toMatchObject({ movingIn: [{ until: Date.UTC(2027, 1, 1, 8) }] });
  expect(start({ movingIn: [source({ cookie: { name: 'a', path: '/b' } }), source({ cookie: 'b' })] })()).toBeDefined();
});
