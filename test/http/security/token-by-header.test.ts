// Clients without cookies: the token in a header of the app's choice, in both directions, and nowhere else.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, MINUTE, type World, handleOf, startWorld } from './support/world.js';

const HEADER = 'x-session-token';
const byHeader = { transport: { header: 'X-Session-Token' } } as const;
const database = testDatabase();
const look: Handle = ({ session }) => ({ ...session });

/** A client that keeps its token as programs do. */
async function startWithToken(world: World): Promise<string> {
  const reply = await world.visit(world.client(), ({ session }) => void (session['a'] = 1));
  return reply.headers[HEADER] as string;
}

describe.each(PLATFORMS)('with transport by header, on %s,', (platform) => {
  test('a new session hands out its token in the header, without a cookie, and not to be stored', async () => {
    const world = await startWorld(platform, { ...byHeader, db: database.db, collection: 'sessions' });
    const reply = await world.visit(world.client(), ({ session }) => void (session['a'] = 1));
    const token = reply.headers[HEADER] as string;
    expect(token).toMatch(/^[\w-]{59}$/);
    expect(reply.cookies).toEqual([]);
    expect(reply.headers['cache-control']).toBe('private, no-store');
    expect(reply.headers.vary).toBe(HEADER);

    const next = await world.visit(world.client(), look, { headers: { [HEADER]: token } });
    expect([next.body, next.headers[HEADER], next.headers.vary]).toEqual(['{"a":1}', undefined, HEADER]);
    expect(next.headers['cache-control']).toBeUndefined();
  });

  test('the token counts in that header only: not in a cookie, a query, a path, a body or another header', async () => {
    const world = await startWorld(platform, byHeader);
    const token = await startWithToken(world);
    const path = world.route(look);
    world.store.takeCalls();
    const client = world.client();
    for (const [url, options] of [
      [path, { headers: { cookie: `id=${token}; ${HEADER}=${token}; __Host-id=${token}` } }],
      [`${path}?id=${token}&${HEADER}=${token}&token=${token}&access_token=${token}`, {}],
      [`${path};${HEADER}=${token}`, {}],
      [path, { headers: { authorization: `Bearer ${token}`, 'x-session': token, 'session-token': token } }],
    ] as const) {
      const reply = await client.get(url, { ...options });
      if (reply.status === 200) expect(reply.body).toBe('{}');
    }
    const posted = await client.post(path, { id: token, [HEADER]: token, token });
    expect(posted.body).toBe('{}');
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('a login gives a new one, a logout an empty one, and the old ones are dead', async () => {
    const world = await startWorld(platform, byHeader);
    const token = await startWithToken(world);
    const loggedIn = await world.visit(world.client(), ({ session }) => session.login('ada'), {
      headers: { [HEADER]: token },
    });
    const next = loggedIn.headers[HEADER] as string;
    expect(next).not.toBe(token);
    expect(handleOf(next)).toBe(handleOf(token));
    expect(await world.isAlive(world.client(), { headers: { [HEADER]: token } })).toBe(false);

    const loggedOut = await world.visit(world.client(), ({ session }) => session.logout(), {
      headers: { [HEADER]: next },
    });
    expect([loggedOut.headers[HEADER], loggedOut.cookies]).toEqual(['', []]);
    expect(loggedOut.headers['cache-control']).toBe('private, no-store');
    expect(await world.isAlive(world.client(), { headers: { [HEADER]: next } })).toBe(false);
  });

  test('a renewed one comes in the header, and the grace holds as for cookies', async () => {
    const world = await startWorld(platform, { ...byHeader, renewAfter: '5m', renewGrace: '1m' });
    const token = await startWithToken(world);
    const visit = (brought: string) => world.visit(world.client(), look, { headers: { [HEADER]: brought } });
    world.clock.advance(5 * MINUTE);
    const next = (await visit(token)).headers[HEADER] as string;
    expect(next).toMatch(/^[\w-]{59}$/);
    expect((await visit(next)).body).toBe('{"a":1}');
    world.clock.advance(MINUTE - 1);
    expect((await visit(token)).body).toBe('{"a":1}');
    world.clock.advance(1);
    expect((await visit(token)).body).toBe('{}');
  });

  test('it is signed where there are secrets, and signed anew with a new key', async () => {
    const [old, fresh] = ['o'.repeat(32), 'n'.repeat(32)];
    const before = await startWorld(platform, { ...byHeader, secrets: [old] });
    const token = await startWithToken(before);
    expect(token).toMatch(/^[\w-]{59}\.[\w-]{43}$/);
    const world = await startWorld(platform, { ...byHeader, secrets: [fresh, old], store: before.store });
    const reply = await world.visit(world.client(), look, { headers: { [HEADER]: token } });
    const next = reply.headers[HEADER] as string;
    expect([reply.body, next.slice(0, 59)]).toEqual(['{"a":1}', token.slice(0, 59)]);
    expect(next).not.toBe(token);
  });

  test.each([
    ['not a token', 'abc'],
    ['a token with a blank behind it and more', 'TOKEN x'],
    ['two of them', 'TOKEN, TOKEN'],
    ['one in quotes', '"TOKEN"'],
    ['one with a scheme', 'Bearer TOKEN'],
  ])('%s is malformed, and costs no query', async (_, value) => {
    const world = await startWorld(platform, byHeader);
    const token = await startWithToken(world);
    world.store.takeCalls();
    const headers = { [HEADER]: value.replaceAll('TOKEN', token) };
    expect((await world.visit(world.client(), look, { headers })).body).toBe('{}');
    expect(world.store.takeCalls()).toEqual([]);
    expect(world.eventTypes()).toEqual(['created', 'rejected: malformed']);
  });

  test('over plain http works with cookies for https only, for there is no cookie', async () => {
    const world = await startWorld(platform, { ...byHeader, cookie: { secure: true } });
    expect(await startWithToken(world)).toMatch(/^[\w-]{59}$/);
    expect(world.app.log.lines).toEqual([]);
  });
});

test.each([
  ['a header that means something else', { header: 'Cookie' }],
  ['another one of these', { header: 'Content-Length' }],
  ['no name', { header: '' }],
  ['a name that is none', { header: 'x token' }],
  ['a name with a line in it', { header: 'x-token\r\nSet-Cookie: a=b' }],
  ['a query', { query: 'token' }],
  ['a word', 'header'],
])('%s as transport stops the start', async (_, transport) => {
  const start = startWorld('express', { transport: transport as { header: string } });
  await expect(start).rejects.toMatchObject({ code: 'SESSION_OPTION_INVALID' });
});
