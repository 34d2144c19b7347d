// Requests that share a command fail alone, whatever it is that makes a command too large.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { type HttpClient, PLATFORMS, startApp, testDatabase } from '../../support/http.js';
import { VisitorsController } from './support/visitors.controller.js';

const { uri } = testDatabase();

/** 20 MiB of names, where a command may have 16. */
const VICTIMS = 20;
const HEAVY = 80;
/** No connection is kept that the server may close in the moment that it is used again. */
const CLOSE = { headers: { connection: 'close' } };
const FILL = '/fill?keys=32&length=8192';

describe.each(PLATFORMS)('A5: requests that share a command on %s', (platform) => {
  test('are all saved when others clear sessions with long key names at the same time', async () => {
    const client = new mongoose.mongo.MongoClient(uri, { monitorCommands: true });
    const sizes: number[] = [];
    client.on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'update') sizes.push(mongoose.mongo.BSON.calculateObjectSize(command));
    });
    const sessions = { collection: `long keys ${platform}`, client };
    const app = await startApp({ platform, sessions, controllers: [VisitorsController] });
    const browser = async (path: string): Promise<HttpClient> => {
      const one = app.client();
      expect((await one.get(path, CLOSE)).status).toBe(200);
      return one;
    };
    const heavy: HttpClient[] = [];
    while (heavy.length < HEAVY) heavy.push(...(await Promise.all(Array.from({ length: 8 }, () => browser(FILL)))));
    const victims = await Promise.all(Array.from({ length: VICTIMS }, (_, n) => browser(`/begin?who=${n}`)));
    sizes.length = 0;

    const replies = await Promise.all([
      ...heavy.map((each) => each.get('/clear', CLOSE)),
      ...victims.map((each) => each.get('/write?value=1', CLOSE)),
    ]);

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    // The large ones by themselves, the small ones together.
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
    expect(sizes.length).toBeLessThanOrEqual(HEAVY + VICTIMS);
    expect((await heavy[0]!.get('/clear')).body).toBe('0');
    await client.close();
  });
});
