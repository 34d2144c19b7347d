// What test files get from test/support: a database of their own, and failures of the server on demand.
import { createConnection } from 'node:net';
import { once } from 'node:events';
import mongoose from 'mongoose';
import { describe, expect, inject, test } from 'vitest';
import { failCommand, testDatabase } from '../support/http.js';

const { client, db, name, uri, appName } = testDatabase();
const find = (database: typeof db) => database.collection('things').findOne({});

describe('testDatabase()', () => {
  const other = testDatabase();

  test('gives a database that nobody else uses', async () => {
    await db.collection('things').insertOne({});
    expect(await db.collection('things').countDocuments()).toBe(1);
    expect(other.name).not.toBe(name);
    expect(await other.db.collection('things').countDocuments()).toBe(0);
  });

  test('gives an address that leads Mongoose to the same database', async () => {
    const connection = await mongoose.createConnection(uri).asPromise();
    expect(connection.name).toBe(name);
    expect(connection.getClient().options.appName).toBe(appName);
    await connection.close();
  });
});

describe.runIf(inject('mongo').failpoints)('failCommand()', () => {
  const other = testDatabase();

  test('hits the connections of its client until it is cleared, and nobody else', async () => {
    const clear = await failCommand(client, { failCommands: ['find'], errorCode: 2 });
    await expect(find(db)).rejects.toMatchObject({ code: 2 });
    await expect(find(other.db)).resolves.toBeNull();
    await clear();
    await expect(find(db)).resolves.not.toBeUndefined();
  });

  test('delays commands', async () => {
    const clear = await failCommand(client, { failCommands: ['find'], blockConnection: true, blockTimeMS: 100 });
    const before = performance.now();
    await find(db);
    expect(performance.now() - before).toBeGreaterThan(95);
    await clear();
  });

  test('lets workers take turns, as a server has only one failpoint', async () => {
    const clear = await failCommand(client, { failCommands: ['find'], errorCode: 2 });
    await expect(failCommand(other.client, { failCommands: ['find'] })).rejects.toThrow('set already');

    const worker = createConnection({ host: '127.0.0.1', port: inject('mongo').turnPort });
    let turn = false;
    worker.on('data', () => (turn = true));
    await once(worker, 'connect');
    // Answers after the connection above was queued: it has no turn yet.
    await expect(find(db)).rejects.toMatchObject({ code: 2 });
    expect(turn).toBe(false);
    await clear();
    await expect.poll(() => turn).toBe(true);
    worker.destroy();
  });
});
