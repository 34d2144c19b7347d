// What can't work stops the start, with an error that names the option, what was given, and the fix.
import type { ModuleMetadata } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessionsModule } from '../../../lib/index.js';
import { errorOf, PLATFORMS, startApp, testDatabase } from '../../support/http.js';

const { client, db, uri } = testDatabase();
const collection = 'sessions';

type Refusal = [what: string, options: object, option: string, hint: string];

class ComputedOptions {
  collection = collection;
  db = db;
  get idleTimeout() {
    return '1m';
  }
}

const REFUSALS: Refusal[] = [
  ['a name that no option has', { collection, db, ttl: 60 }, 'ttl', 'no such option'],
  ['an option with a slip of the pen', { collection, db, idletimeout: '1m' }, 'idletimeout', '`idleTimeout`?'],
  ['a wrong type', { collection, db, idleTimeout: 'soon' }, 'idleTimeout', "'30m'"],
  ['an unknown choice', { collection, db, indexes: 'maybe' }, 'indexes', '"ensure"'],
  ['a cookie that browsers drop', { collection, db, cookie: { sameSite: 'none' } }, 'cookie.sameSite', 'secure: true'],
  ['no collection', { db }, 'collection', "such as 'sessions'"],
  ['nothing at all', {}, 'collection', "such as 'sessions'"],
  ['a collection that is a number', { collection: 7, db }, 'collection', 'name of a collection'],
  ["a collection of MongoDB's own", { collection: 'system.users', db }, 'collection', "'sessions'"],
  ["a name within MongoDB's own", { collection: 'shop.system.users', db }, 'collection', "'sessions'"],
  ['a name that begins with a dot', { collection: '.sessions', db }, 'collection', "'sessions'"],
  ['an object that is no collection', { collection: { findOne() {} } }, 'collection', 'collection of the driver'],
  ['a client and a db', { collection, client, db }, 'db', '`client` and `db`'],
  ['a uri and a connection', { collection, connection: {}, uri }, 'uri', '`connection` and `uri`'],
  ['a connectionName and a uri', { collection, connectionName: 'a', uri }, 'uri', '`connectionName` and `uri`'],
  ['a store and a db', { store: new MemorySessionStore(), db }, 'store', '`db` and `store`'],
  ['a store and a collection', { store: new MemorySessionStore(), collection }, 'collection', 'leave it out'],
  ['a collection object and a client', { collection: db.collection('a'), client }, 'collection', 'with `client`'],
  ['a dbName with a db', { collection, db, dbName: 'shop' }, 'dbName', '`client` or `uri`'],
  ['a client that is none', { collection, client: {} }, 'client', 'MongoClient'],
  ['a db that is none', { collection, db: client }, 'db', 'Db of the driver'],
  ['a connection that is none', { collection, connection: client }, 'connection', 'mongoose Connection'],
  ['an address that is none', { collection, uri: 'localhost:27017' }, 'uri', "'mongodb://"],
  ['an address that is no text', { collection, uri: 27017 }, 'uri', "'mongodb://"],
  ['no database at all', { collection }, 'connection', 'MongooseModule.forRoot'],
  ['a setting that only a getter of its class has', new ComputedOptions(), 'idleTimeout', 'itself'],
  ['a connection that nobody has named', { collection, connectionName: 'nope' }, 'connectionName', 'MongooseModule'],
];

describe.each(PLATFORMS)('the start on %s is refused by', (platform) => {
  const start = (...imports: NonNullable<ModuleMetadata['imports']>) => startApp({ platform, imports });

  test.each(REFUSALS)('%s', async (_, options, option, hint) => {
    const error = await errorOf(() => start(MongoSessionsModule.forRoot(options)));
    expect(error).toMatchObject({ name: 'SessionError', code: 'SESSION_OPTION_INVALID' });
    const { message } = error;
    expect(message).toMatch(new RegExp(`^MongoSessionsModule: option \`${option}\` is .+\\. .+[.?]$`));
    expect(message).toContain(hint);
  });

  test.each([
    ['alone', [MongoSessionsModule]],
    ['beside forRoot()', [MongoSessionsModule.forRoot({ collection, db }), MongoSessionsModule]],
  ])('the module itself, imported %s', async (_, imports) => {
    const { code, message } = await errorOf(() => start(...imports));
    expect([code, message]).toEqual([
      'SESSION_OPTION_INVALID',
      expect.stringMatching(/without options\. Import `MongoSessionsModule\.forRoot\('sessions'\)` .* it is global\.$/),
    ]);
  });

  test('a connectionName of another registration of MongooseModule, whose own default connection is not taken instead', async () => {
    const sessions = MongoSessionsModule.forRoot({ collection, connectionName: 'nope' });
    const { code, message } = await errorOf(() => start(MongooseModule.forRoot(uri), sessions));
    expect([code, message]).toEqual(['SESSION_OPTION_INVALID', expect.stringContaining('`connectionName`')]);
  });
});

describe('forRoot', () => {
  test.each([undefined, null, 42, true, ['sessions'], () => 'sessions'])('refuses %o at once', (given) => {
    expect(() => MongoSessionsModule.forRoot(given as unknown as string)).toThrow(
      /option `collection` is .+ Call forRoot\('sessions'\)/,
    );
  });
});
