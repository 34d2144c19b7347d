// A read is tried again when the driver's own findOne is, and as often.
import mongoose from 'mongoose';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { mongoStore } from '../../support/store/mongo-store.js';
import { storedSession } from '../../../lib/testing/contract/stored-sessions.js';
import { type FailCommand, failCommand, testDatabase } from '../../support/mongo.js';

const { client, uri, name } = testDatabase();

const clients: mongoose.mongo.MongoClient[] = [];
afterAll(() => Promise.all(clients.map((each) => each.close())));

let clear: (() => Promise<void>) | undefined;
afterEach(() => clear?.());

function connect(options: mongoose.mongo.MongoClientOptions = {}) {
  // A server that has failed is looked at again soon: now and then the driver waits for its next heartbeat.
  const own = new mongoose.mongo.MongoClient(uri, { monitorCommands: true, heartbeatFrequencyMS: 500, ...options });
  clients.push(own);
  let finds = 0;
  own.on('commandStarted', ({ commandName }) => {
    if (commandName === 'find') finds++;
  });
  const { store } = mongoStore({ client: own, dbName: name, collection: 'sessions' });
  return {
    store,
    findOne: () => own.db(name).collection('sessions').findOne({ _id: new mongoose.mongo.ObjectId() }),
    /** How many commands these operations take, which all fail. */
    triesOf: async (operations: () => readonly Promise<unknown>[]) => {
      finds = 0;
      const settled = await Promise.allSettled(operations());
      expect(settled.map(({ status }) => status)).toEqual(settled.map(() => 'rejected'));
      return finds;
    },
  };
}

const overload = ['SystemOverloadedError', 'RetryableError'];
const FAILURES: [string, Omit<FailCommand, 'failCommands'>][] = [
  ['the connection breaks', { closeConnection: true }],
  ...[6, 7, 89, 91, 134, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436].map(
    (errorCode): [string, { errorCode: number }] => [`code ${errorCode}`, { errorCode }],
  ),
  ...[8, 50, 64, 133, 211, 391, 8000, 11_601].map((errorCode): [string, { errorCode: number }] => [
    `code ${errorCode}`,
    { errorCode },
  ]),
  ['overload', { errorCode: 462, errorLabels: overload }],
  ['overload that is none to retry', { errorCode: 462, errorLabels: ['SystemOverloadedError'] }],
  ['a label for writes', { errorCode: 8000, errorLabels: ['RetryableWriteError'] }],
];

describe('A19: store.find()', () => {
  const subject = connect();

  test.each(FAILURES)('is tried as often as findOne() for %s', async (_what, data) => {
    const { store, findOne, triesOf } = subject;
    const find = () => store.find(storedSession().handle);
    clear = await failCommand(client, { ...data, failCommands: ['find'] });
    const tries = await triesOf(() => [findOne()]);
    expect(await triesOf(() => [find()])).toBe(tries);
    // Where the server has refused what two have asked for together, each is asked for by itself once more.
    const isRefused = data.errorCode !== undefined && [8, 211, 391, 8000].includes(data.errorCode) && !data.errorLabels;
    expect(await triesOf(() => [find(), find()])).toBe(isRefused ? tries + 2 : tries);
  });

  test.each(FAILURES.slice(0, 2))('is tried once for %s if the app says retryReads: false', async (_what, data) => {
    const { store, findOne, triesOf } = connect({ retryReads: false });
    const find = () => store.find(storedSession().handle);
    clear = await failCommand(client, { ...data, failCommands: ['find'] });
    expect(await triesOf(() => [findOne()])).toBe(1);
    expect(await triesOf(() => [find()])).toBe(1);
    expect(await triesOf(() => [find(), find()])).toBe(1);
  });
});
