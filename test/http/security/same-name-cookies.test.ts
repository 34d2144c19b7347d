// Several cookies of the same name, as a neighbouring path or host can plant them: none shadows the real one.
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { PLATFORMS } from '../../support/http.js';
import { DAY, type Handle, startWorld } from './support/world.js';

const invented = () => formatToken(createToken(Date.UTC(2030, 0, 1)));
const cookies = (...values: string[]) => ({ headers: { cookie: values.map((value) => `id=${value}`).join('; ') } });
const look: Handle = ({ session }) => ({ ...session });

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each<[name: string, place: (valid: string) => string[], finds: number]>([
    ['first', (valid) => [valid, invented(), invented()], 3],
    ['behind one that is no token', (valid) => ['evil', valid], 1],
    ['behind an empty one', (valid) => ['', valid], 1],
    ['behind one that was guessed', (valid) => [invented(), valid], 2],
    ['behind one with its own handle and another secret', (valid) => [alike(valid), valid], 2],
    ['between others', (valid) => [invented(), 'x', valid, invented()], 3],
    ['behind seven others', (valid) => [...Array.from({ length: 7 }, invented), valid], 8],
  ])('the valid one is found %s', async (_, place, finds) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.store.takeCalls();
    const reply = await world.visit(world.client(), look, cookies(...place(browser.jar.get('id')!)));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{"a":1}', []]);
    expect(world.store.takeCalls()).toEqual(Array(finds).fill('find'));
  });

  test('no more than 8 are tried, so that one request is no flood of queries', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    world.store.takeCalls();
    const many = Array.from({ length: 100 }, invented);
    const reply = await world.visit(world.client(), look, cookies(...many, browser.jar.get('id')!));
    expect([reply.status, reply.body]).toEqual([200, '{}']);
    expect(world.store.takeCalls()).toHaveLength(8);
    expect(world.eventTypes()).toEqual(['created', ...Array(8).fill('rejected: unknown')]);
  });

  test('signed ones that were forged cost no query at all, and do not count for these 8', async () => {
    const world = await startWorld(platform, { secrets: ['k'.repeat(32)] });
    const browser = await world.browserWith();
    world.store.takeCalls();
    const forged = Array.from({ length: 50 }, () => `${invented()}.${'A'.repeat(43)}`);
    const reply = await world.visit(world.client(), look, cookies(...forged, browser.jar.get('id')!));
    expect(reply.body).toBe('{"a":1}');
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('an expired or ended one in front hides none either', async () => {
    const world = await startWorld(platform);
    const [expired, ended] = [await world.browserWith(), await world.browserWith()];
    world.clock.advance(DAY);
    await world.visit(ended.clone(), ({ session }) => session.logout());
    const valid = await world.browserWith({ a: 2 });
    const tokens = [expired, ended, valid].map(({ jar }) => jar.get('id')!);
    expect((await world.visit(world.client(), look, cookies(...tokens))).body).toBe('{"a":2}');
    expect(world.eventTypes()).toContain('rejected: expired');
  });

  test('the first of several that are valid is the one, as browsers order them', async () => {
    const world = await startWorld(platform);
    const [one, two] = [await world.browserWith({ a: 1 }), await world.browserWith({ a: 2 })];
    const tokens = [two, one].map(({ jar }) => jar.get('id')!);
    expect((await world.visit(world.client(), look, cookies(...tokens))).body).toBe('{"a":2}');
  });

  test('a token in the query or body counts for nothing, nor does one under a similar name', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const token = browser.jar.get('id')!;
    world.store.takeCalls();
    const path = world.route(look);
    const client = world.client();
    const similar = ['Id', 'ID', 'xid', 'idx', '__Host-id', '__Secure-id', 'connect.sid'];
    const headers = { cookie: similar.map((name) => `${name}=${token}`).join('; '), authorization: token, id: token };
    const replies = [await client.get(`${path}?id=${token}`, { headers }), await client.post(path, { id: token })];
    expect(replies.map(({ body }) => body)).toEqual(['{}', '{}']);
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.eventTypes()).toEqual(['created']);
  });
});

/** The same handle with another secret. */
function alike(token: string): string {
  return formatToken({ ...createToken(0), handle: Buffer.from(token, 'base64url').toString('hex', 0, 12) });
}
