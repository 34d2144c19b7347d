// Every place that a registration can get its database from: sessions are kept there, and nowhere else.
import type { ModuleMetadata } from '@nestjs/common';
import { MongooseModule, type MongooseModuleFactoryOptions } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { afterAll, describe, expect, test } from 'vitest';
import { NotesController, PLATFORMS, startApp, testDatabase } from '../../support/http.js';
import { type DriverCollection, MongoSessionsModule, type SessionOptions } from '../../../lib/index.js';

const shop = testDatabase();
const other = testDatabase();
const toShop = mongoose.createConnection(shop.uri);
const toOther = mongoose.createConnection(other.uri);
afterAll(() => Promise.all([toShop.close(), toOther.close()]));

const mongooseAt = (uri: string, options: MongooseModuleFactoryOptions & { connectionName?: string } = {}) =>
  MongooseModule.forRoot(uri, options);
const sessions = (input: SessionOptions | DriverCollection | string) =>
  MongoSessionsModule.forRoot(input as SessionOptions);

type Imports = NonNullable<ModuleMetadata['imports']>;

const WAYS: [from: string, imports: (collection: string) => Imports][] = [
  ['the default connection of MongooseModule', (collection) => [mongooseAt(shop.uri), sessions(collection)]],
  [
    'the default connection of a MongooseModule that is imported later',
    (collection) => [sessions({ collection }), mongooseAt(shop.uri)],
  ],
  [
    'a lazy connection of MongooseModule',
    (collection) => [mongooseAt(shop.uri, { lazyConnection: true }), sessions({ collection })],
  ],
  [
    'the connection that `connectionName` names',
    (collection) => [
      mongooseAt(other.uri),
      mongooseAt(shop.uri, { connectionName: 'shop' }),
      sessions({ collection, connectionName: 'shop' }),
    ],
  ],
  ['a collection of the driver', (collection) => [sessions(shop.db.collection(collection))]],
  [
    'a collection of the driver, rather than the default connection',
    (collection) => [mongooseAt(other.uri), sessions({ collection: shop.db.collection(collection) })],
  ],
  ['a collection of mongoose', (collection) => [sessions(toShop.collection(collection))]],
  [
    'a mongoose connection, rather than the default one',
    (collection) => [mongooseAt(other.uri), sessions({ collection, connection: toShop })],
  ],
  [
    'another database of a mongoose connection',
    (collection) => [sessions({ collection, connection: toOther.useDb(shop.name) })],
  ],
  ['a client, in the database that its address names', (collection) => [sessions({ collection, client: shop.client })]],
  [
    'a client, in the database `dbName`',
    (collection) => [sessions({ collection, client: other.client, dbName: shop.name })],
  ],
  ['a db', (collection) => [sessions({ collection, db: shop.db })]],
  [
    'a uri, rather than the default connection',
    (collection) => [mongooseAt(other.uri), sessions({ collection, uri: shop.uri })],
  ],
  ['a uri, in the database `dbName`', (collection) => [sessions({ collection, uri: other.uri, dbName: shop.name })]],
];

describe.each(PLATFORMS)('on %s, sessions are kept', (platform) => {
  test.each(WAYS)('in %s', async (from, imports) => {
    const collection = `${platform}_${WAYS.findIndex(([name]) => name === from)}`;
    const app = await startApp({ platform, imports: imports(collection), controllers: [NotesController] });
    const browser = app.client();

    await browser.get('/write?key=cart&value=apples');
    const reply = await browser.get('/read');

    expect(reply.body).toBe('{"cart":"apples"}');
    expect(await shop.db.collection(collection).find().toArray()).toMatchObject([{ data: { cart: 'apples' } }]);
    expect(await other.db.listCollections({ name: collection }).toArray()).toEqual([]);
    expect(app.log.lines).toEqual([]);
  });
});
