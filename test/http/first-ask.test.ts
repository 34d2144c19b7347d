// Who brings no token and asks for no session gets a response that nobody guards. It is guarded from the moment somebody asks for
// a session, however late.
import type { ServerResponse } from 'node:http';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { sessionOf } from '../../lib/http/request-sessions.js';
import { gateOf } from '../../lib/http/response/response-gate.js';
import { PLATFORMS, takeRaw } from '../support/http.js';
import { type Handle, startWorld } from '../support/world.js';

const isGuarded: Handle = ({ response }) => ({
  guarded: gateOf(response.raw ?? (response as unknown as ServerResponse)) !== undefined,
});
const fill: Handle = ({ session }) => {
  session['mark'] = 'set';
  return 'x'.repeat(2000);
};
const FIRST: [string, Handle][] = [
  ['at once', fill],
  [
    'after an await',
    async ({ request }) => {
      await new Promise(setImmediate);
      Object.assign(sessionOf(request), { mark: 'set' });
    },
  ],
  [
    'and throws',
    ({ session }) => {
      session['mark'] = 'set';
      throw new Error('on purpose');
    },
  ],
];

describe.each(PLATFORMS)('on %s, without a token', (platform) => {
  test.each([
    ['no cookie', {}],
    ["somebody else's cookie", { cookie: 'theme=dark' }],
  ])('nothing guards the response of who brings %s and asks for no session', async (_what, headers) => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), isGuarded, { headers });
    expect(JSON.parse(reply.body)).toEqual({ guarded: false });
    expect(reply.headers).not.toHaveProperty('vary');
    // With a token it is.
    expect((await world.visit(await world.browserWith(), isGuarded)).body).toBe('{"guarded":true}');
  });

  test.each(FIRST)('a session that a handler asks for %s is there for the next request', async (_, handle) => {
    const world = await startWorld(platform);
    const browser = world.client();
    expect((await world.visit(browser, handle)).cookies).toHaveLength(1);
    expect(await world.dataOf(browser)).toEqual({ mark: 'set' });
  });

  test('a session begins behind a compression that was there first', async () => {
    const beforeNest = {
      beforeNest: (adapter: { use(middleware: unknown): unknown }) => void adapter.use(compression({ threshold: 0 })),
    };
    const world = await startWorld(platform, {}, beforeNest);
    const browser = world.client();
    const reply = await world.visit(browser, fill, { headers: { 'accept-encoding': 'gzip' } });
    expect([reply.headers['content-encoding'], reply.cookies.length]).toEqual(['gzip', 1]);
    expect(await world.dataOf(browser)).toEqual({ mark: 'set' });
  });

  test('one that is first asked for when the headers have left can not begin, and a warning says why', async () => {
    const world = await startWorld(platform);
    const path = world.route(async ({ request, response }) => {
      const raw = takeRaw(response);
      raw.write('headers and all, ');
      Object.assign(sessionOf(request), { mark: 'late' });
      await new Promise(setImmediate);
      raw.end('the end');
    }, 'raw');
    const reply = await world.client().get(path);
    expect(reply).toMatchObject({ status: 200, cookies: [], body: 'headers and all, the end' });
    expect(world.app.log.lines).toEqual([expect.stringContaining('Put `await session.save()` before')]);
  });
});
