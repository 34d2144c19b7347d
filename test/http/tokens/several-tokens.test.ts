// Several tokens in one request, as shadowed cookies bring them: they cost one query together.
import mongoose from 'mongoose';
import { afterAll, describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { startWorld } from '../security/support/world.js';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';

const database = testDatabase();
const client = new mongoose.mongo.MongoClient(database.uri, { monitorCommands: true });
afterAll(() => client.close());

let finds: number[] = [];
client.on('commandStarted', ({ commandName, command }) => {
  const { filter } = command as { filter?: { _id?: { $in?: unknown[] } } };
  if (commandName === 'find') finds.push(filter?._id?.$in?.length ?? 1);
});

const invented = () => formatToken(createToken(Date.UTC(2030, 0, 1)));

describe.each(PLATFORMS)('A25: a request with eight tokens on %s', (platform) => {
  test.each([0, 3, 7])('reads them with one query, and opens the valid one at place %i', async (place) => {
    const world = await startWorld(platform, { client, dbName: database.name, collection: 'sessions' });
    const browser = await world.browserWith({ a: 1 });
    const tokens = Array.from({ length: 8 }, (_, at) => (at === place ? browser.jar.get('id')! : invented()));
    finds = [];
    const headers = { cookie: tokens.map((token) => `id=${token}`).join('; ') };
    const reply = await world.visit(world.client(), ({ session }) => ({ ...session }), { headers });
    expect([reply.status, reply.body]).toEqual([200, '{"a":1}']);
    expect(finds).toEqual([8]);
    expect(world.eventTypes()).toEqual(['created', ...Array<string>(place).fill('rejected: unknown')]);
  });
});
