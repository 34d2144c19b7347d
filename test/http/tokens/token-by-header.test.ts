// Clients without cookies: the token in a header of the app's choice, in both directions, and nowhere else.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { type Platform, PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, handleOf, MINUTE, startWorld } from '../../support/world.js';

const HEADER = 'x-session-token';
const { db } = testDatabase();
const fill: Handle = ({ session }) => void (session['a'] = 1);
const look: Handle = ({ session }) => ({ ...session });

/** An app, and a client that keeps its token as programs do. */
async function start(platform: Platform, options: SessionOptions = {}) {
  const world = await startWorld(platform, { transport: { header: 'X-Session-Token' }, ...options });
  const visit = (handle: Handle, token?: string) =>
    world.visit(world.client(), handle, token === undefined ? {} : { headers: { [HEADER]: token } });
  const begun = await visit(fill);
  return { world, visit, begun, token: begun.headers[HEADER] as string };
}

describe.each(PLATFORMS)('with transport by header, on %s,', (platform) => {
  test('a new session hands out its token in the header, without a cookie, and not to be stored', async () => {
    const { visit, begun, token } = await start(platform, { db, collection: 'sessions' });
    expect([token, begun.cookies]).toEqual([expect.stringMatching(/^[\w-]{59}$/), []]);
    expect(begun.headers).toMatchObject({ 'cache-control': 'private, no-store', vary: HEADER });
    const next = await visit(look, token);
    expect([next.body, next.headers[HEADER], next.headers.vary]).toEqual(['{"a":1}', undefined, HEADER]);
    expect(next.headers['cache-control']).toBeUndefined();
  });

  test('the token counts in that header only: not in a cookie, a query, a path, a body or another header', async () => {
    const { world, token } = await start(platform);
    const path = world.route(look);
    world.store.takeCalls();
    const client = world.client();
    for (const [url, headers] of [
      [path, { cookie: `id=${token}; ${HEADER}=${token}; __Host-id=${token}` }],
      [`${path}?id=${token}&${HEADER}=${token}&token=${token}&access_token=${token}`, {}],
      [`${path};${HEADER}=${token}`, {}],
      [path, { authorization: `Bearer ${token}`, 'x-session': token, 'session-token': token }],
      [path, { [HEADER]: `Bearer ${token}` }],
      [path, { [HEADER]: `${token}, ${token}` }],
    ] as [string, Record<string, string>][]) {
      const reply = await client.get(url, { headers });
      if (reply.status === 200) expect(reply.body).toBe('{}');
    }
    expect((await client.post(path, { id: token, [HEADER]: token, token })).body).toBe('{}');
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.eventTypes()).toEqual(['created', 'rejected: malformed', 'rejected: malformed']);
  });

  test('a login gives a new one, a logout an empty one, and the old ones are dead', async () => {
    const { visit, token } = await start(platform);
    const next = (await visit(({ session }) => session.login('ada', { keep: true }), token)).headers[HEADER] as string;
    expect([next === token, handleOf(next)]).toEqual([false, handleOf(token)]);
    expect([(await visit(look, token)).body, (await visit(look, next)).body]).toEqual(['{}', '{"a":1}']);
    const loggedOut = await visit(({ session }) => session.logout(), next);
    expect([loggedOut.headers[HEADER], loggedOut.cookies]).toEqual(['', []]);
    expect(loggedOut.headers['cache-control']).toBe('private, no-store');
    expect((await visit(look, next)).body).toBe('{}');
  });

  test('a renewed one comes in the header, and the grace holds as for cookies', async () => {
    const { world, visit, token } = await start(platform, { renewAfter: '5m', renewGrace: '1m' });
    world.clock.advance(5 * MINUTE);
    const next = (await visit(look, token)).headers[HEADER] as string;
    expect((await visit(look, next)).body).toBe('{"a":1}');
    world.clock.advance(MINUTE - 1);
    expect((await visit(look, token)).body).toBe('{"a":1}');
    world.clock.advance(1);
    expect((await visit(look, token)).body).toBe('{}');
  });

  test('it is signed where there are secrets, and signed anew with a new key', async () => {
    const [old, fresh] = ['o'.repeat(32), 'n'.repeat(32)];
    const { world: before, token } = await start(platform, { secrets: [old] });
    expect(token).toMatch(/^[\w-]{59}\.[\w-]{43}$/);
    const { visit } = await start(platform, { secrets: [fresh, old], store: before.store });
    const reply = await visit(look, token);
    const next = reply.headers[HEADER] as string;
    expect([reply.body, next.slice(0, 59), next === token]).toEqual(['{"a":1}', token.slice(0, 59), false]);
  });
});
