// The floor of the peer range is checked at start, for a package manager only warns.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { connectionSource } from '../../../lib/mongo/connection/connection-source.js';
import { refuseOldMongoose } from '../../../lib/mongo/connection/old-drivers.js';

describe('B24: older drivers', () => {
  test.each(['6.13.8', '7.8.6', '8.0.0', '8.3.5', '8.9.7'])('refuses mongoose %s, with the fix', (version) => {
    const refused = expect.objectContaining({ code: 'SESSION_OPTION_INVALID' }) as Error;
    expect(() => refuseOldMongoose(version)).toThrow(refused);
    expect(() => refuseOldMongoose(version)).toThrow(/8\.10 or newer.*npm install/);
  });

  test.each(['8.10.0', '8.24.10', '9.0.0', '10.0.0', mongoose.version])('takes mongoose %s', (version) => {
    expect(() => refuseOldMongoose(version)).not.toThrow();
  });

  test("refuses a connection of the app's own older mongoose, also by its collection", () => {
    const base = { mongo: mongoose.mongo, version: '8.2.4' };
    const connection = { base, getClient: () => undefined, model: () => undefined };
    const collection = { conn: connection, findOne: () => undefined, updateOne: () => undefined };
    for (const options of [{ connection, collection: 'sessions' }, { collection }])
      expect(() => connectionSource(options as object)).toThrow(/mongoose 8\.2\.4 is too old/);
  });

  test.each([
    ['6.0.0', true],
    ['6.12.1', true],
    ['6.13.0', false],
    ['6.22.0', false],
    ['7.0.0', false],
  ])('a client of the driver %s is too old: %s', (version, isTooOld) => {
    const client = new mongoose.mongo.MongoClient('mongodb://127.0.0.1:1');
    const options = { ...client.options, metadata: { driver: { name: 'nodejs', version } } };
    Object.defineProperty(client, 'options', { value: options });
    const open = () => connectionSource({ client, collection: 'sessions' });
    if (isTooOld) expect(open).toThrow(`The MongoDB driver ${version} of the client is too old`);
    else expect(open).not.toThrow();
  });

  test('agrees with the peer range', () => {
    expect(manifest.peerDependencies.mongoose).toBe('^8.10.0 || ^9.0.0');
  });
});
