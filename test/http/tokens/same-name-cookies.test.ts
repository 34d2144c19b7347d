// Several cookies of the same name, as a neighboring path or host can plant them: none shadows the real one.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { DAY, type Handle, handleOf, startWith, startWorld, tokenOf } from '../../support/world.js';

const database = testDatabase({ monitorCommands: true });

const invented = () => formatToken(createToken(Date.UTC(2030, 0, 1)));
const cookies = (...values: string[]) => ({ headers: { cookie: values.map((value) => `id=${value}`).join('; ') } });
const look: Handle = ({ session }) => ({ ...session });
/** The same handle with another secret. */
const alike = (token: string) => formatToken({ ...createToken(0), handle: handleOf(token) });

describe.each(PLATFORMS)('several cookies of one name on %s', (platform) => {
  test.each<[name: string, place: (valid: string) => string[], finds: number]>([
    ['first', (valid) => [valid, invented(), invented()], 3],
    ['behind one that is no token', (valid) => ['evil', valid], 1],
    ['behind an empty one', (valid) => ['', valid], 1],
    ['behind one that was guessed', (valid) => [invented(), valid], 2],
    ['behind one with its own handle and another secret', (valid) => [alike(valid), valid], 2],
    ['between others', (valid) => [invented(), 'x', valid, invented()], 3],
    ['behind seven others', (valid) => [...Array.from({ length: 7 }, invented), valid], 8],
  ])('the valid one is found %s', async (_, place, finds) => {
    const { world, browser } = await startWith(platform);
    world.store.takeCalls();
    const reply = await world.visit(world.client(), look, cookies(...place(tokenOf(browser))));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{"a":1}', []]);
    expect(world.store.takeCalls()).toEqual(Array(finds).fill('find'));
  });

  test('no more than 8 are tried, so that one request is no flood of queries', async () => {
    const { world, browser } = await startWith(platform);
    world.store.takeCalls();
    const many = Array.from({ length: 100 }, invented);
    const reply = await world.visit(world.client(), look, cookies(...many, tokenOf(browser)));
    expect([reply.status, reply.body]).toEqual([200, '{}']);
    expect(world.store.takeCalls()).toHaveLength(8);
    expect(world.eventTypes()).toEqual(['created', ...Array(8).fill('rejected: unknown')]);
  });

  test('signed ones that were forged cost no query at all, and do not count for these 8', async () => {
    const { world, browser } = await startWith(platform, { secrets: ['k'.repeat(32)] });
    world.store.takeCalls();
    const forged = Array.from({ length: 50 }, () => `${invented()}.${'A'.repeat(43)}`);
    const reply = await world.visit(world.client(), look, cookies(...forged, tokenOf(browser)));
    expect([reply.body, world.store.takeCalls()]).toEqual(['{"a":1}', ['find']]);
  });

  test('an expired or ended one in front hides none either', async () => {
    const { world, browser: expired } = await startWith(platform);
    world.clock.advance(DAY);
    const [ended, valid] = [await world.browserWith(), await world.browserWith({ a: 2 })];
    await world.visit(ended.clone(), ({ session }) => session.logout());
    const tokens = [expired, ended, valid].map(tokenOf);
    expect((await world.visit(world.client(), look, cookies(...tokens))).body).toBe('{"a":2}');
    expect(world.eventTypes()).toContain('rejected: expired');
  });

  test('a token in the query or body counts for nothing, nor does one under a similar name', async () => {
    const { world, browser } = await startWith(platform);
    const token = tokenOf(browser);
    world.store.takeCalls();
    const path = world.route(look);
    const similar = ['Id', 'ID', 'xid', 'idx', '__Host-id', '__Secure-id', 'connect.sid'];
    const headers = { cookie: similar.map((name) => `${name}=${token}`).join('; '), authorization: token, id: token };
    const client = world.client();
    const replies = [await client.get(`${path}?id=${token}`, { headers }), await client.post(path, { id: token })];
    expect(replies.map(({ body }) => body)).toEqual(['{}', '{}']);
    expect([world.store.takeCalls(), world.eventTypes()]).toEqual([[], ['created']]);
  });

  test('A25: eight tokens are read by one command, and the first that opens a session counts', async () => {
    const collection = database.db.collection(`sessions_${platform}`);
    const world = await startWorld(platform, { db: database.db, collection: collection.collectionName });
    const begin = async (a: number) => tokenOf(await world.browserWith({ a }));
    const [dead, first, second] = [await begin(0), await begin(1), await begin(2)];
    await collection.deleteOne({ _id: new mongoose.mongo.ObjectId(handleOf(dead)) });
    const commands: mongoose.mongo.Document[] = [];
    const listen = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) => {
      if (commandName === 'find') commands.push(command);
    };
    database.client.on('commandStarted', listen);
    const sent = cookies(dead, dead, first, second, first, second, dead, second);
    expect((await world.visit(world.client(), look, sent)).body).toBe('{"a":1}');
    database.client.off('commandStarted', listen);
    expect(commands).toMatchObject([{ filter: { _id: { $in: { length: 3 } } } }]);
    expect(world.eventTypes().slice(3)).toEqual(['rejected: unknown', 'rejected: unknown']);
  });
});
