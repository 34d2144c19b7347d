// What caches may do with an answer: nothing with one that hands out a cookie, and no mixing up of those that depend on one.
import { describe, expect, test } from 'vitest';
import { PLATFORMS, takeRaw } from '../../support/http.js';
import { type Handle, MINUTE, startWith, startWorld, type Visit } from '../../support/world.js';

/** Returns nothing: Express's own method returns the response, which would be the answer. */
function setHeader({ response }: Visit, name: string, value: string): void {
  response.header(name, value);
}
const fill: Handle = ({ session }) => void (session['a'] = 1);
const look: Handle = ({ session }) => ({ ...session });

/** Cache-Control headers of the handler, and what becomes of them in an answer with our cookie. */
const CACHE_CONTROL: [own: string | undefined, sent: string][] = [
  [undefined, 'private, no-store'],
  ['public, max-age=3600', 'public, max-age=3600, private, no-store'],
  ['no-cache', 'no-cache, private, no-store'],
  ['max-age=60, private', 'max-age=60, private, no-store'],
  ['private, no-store', 'private, no-store'],
  ['No-Store, Private', 'No-Store, Private'],
  ['no-store, no-transform, private, must-revalidate', 'no-store, no-transform, private, must-revalidate'],
  ['x-no-store=1', 'x-no-store=1, private, no-store'],
  ['private="x-user"', 'private="x-user", private, no-store'],
];

const VARY: [own: string | undefined, sent: string][] = [
  [undefined, 'Cookie'],
  ['Accept-Encoding', 'Accept-Encoding, Cookie'],
  ['Origin, Accept', 'Origin, Accept, Cookie'],
  ['cookie', 'cookie'],
  ['Accept, COOKIE', 'Accept, COOKIE'],
  ['*', '*'],
  ['X-Cookie', 'X-Cookie, Cookie'],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  describe('an answer that sets, renews or clears the cookie', () => {
    test.each(CACHE_CONTROL)('and has Cache-Control %j leaves with %j', async (own, sent) => {
      const world = await startWorld(platform);
      const browser = world.client();
      const withOwn =
        (handle: Handle): Handle =>
        (visit) => {
          if (own) setHeader(visit, 'Cache-Control', own);
          return handle(visit);
        };
      for (const handle of [
        fill,
        ({ session }) => session.login('ada'),
        ({ session }) => session.logout(),
      ] satisfies Handle[]) {
        const reply = await world.visit(browser, withOwn(handle));
        expect(reply.cookies).toHaveLength(1);
        expect(reply.headers['cache-control']).toBe(sent);
      }
    });

    test.each([
      ...['CDN-Cache-Control', 'Cloudflare-CDN-Cache-Control', 'Netlify-CDN-Cache-Control', 'Vercel-CDN-Cache-Control'],
      ...['Surrogate-Control', 'Edge-Control', 'X-LiteSpeed-Cache-Control', 'X-Accel-Expires'],
    ])('leaves without %s, which a cache would follow instead', async (name) => {
      for (const transport of ['cookie', { header: 'x-session-token' }] as const) {
        const world = await startWorld(platform, { transport });
        const path = world.route(({ session, response }) => {
          session['a'] = 1;
          takeRaw(response)
            .writeHead(200, { [name]: 'max-age=60' })
            .end();
        }, 'raw');
        const withOwn: Handle = (visit) => setHeader(visit, name, 'max-age=60');
        const browser = world.client();
        for (const reply of [
          await world.visit(browser, (visit) => [withOwn(visit), fill(visit)]),
          await world.client().get(path),
        ]) {
          expect(reply.headers['cache-control']).toBe('private, no-store');
          expect(reply.headers).not.toHaveProperty(name.toLowerCase());
        }
        // An answer that hands out no token keeps it.
        expect((await world.visit(world.client(), withOwn)).headers[name.toLowerCase()]).toBe('max-age=60');
      }
    });

    test('by a renewal that the handler knows nothing of is not to be stored either', async () => {
      const { world, browser } = await startWith(platform, { renewAfter: '1m' });
      world.clock.advance(MINUTE);
      const reply = await world.visit(browser, (visit) => setHeader(visit, 'Cache-Control', 'public, max-age=60'));
      expect(reply.cookies).toHaveLength(1);
      expect(reply.headers['cache-control']).toBe('public, max-age=60, private, no-store');
    });
  });

  test('an answer without our cookie keeps its Cache-Control, or has none', async () => {
    const { world, browser } = await startWith(platform);
    for (const handle of [look, fill, () => 'seen'] satisfies Handle[]) {
      const reply = await world.visit(browser, handle);
      expect([reply.headers['cache-control'], reply.cookies]).toEqual([undefined, []]);
      const own = await world.visit(browser, (visit) => {
        setHeader(visit, 'Cache-Control', 'public, max-age=60');
        return handle(visit);
      });
      expect(own.headers['cache-control']).toBe('public, max-age=60');
    }
  });

  test.each(VARY)('an answer that has looked at the session, and has Vary %j, leaves with %j', async (own, sent) => {
    const world = await startWorld(platform);
    for (const browser of [world.client(), await world.browserWith()]) {
      const reply = await world.visit(browser, (visit) => {
        if (own) setHeader(visit, 'Vary', own);
        return look(visit);
      });
      expect([reply.headers.vary, reply.cookies]).toEqual([sent, []]);
      const changing = await world.visit(browser, (visit) => {
        if (own) setHeader(visit, 'Vary', own);
        return fill(visit);
      });
      expect(changing.headers.vary).toBe(sent);
    }
  });

  test('an answer that has not looked at the session does not vary by it', async () => {
    const world = await startWorld(platform);
    for (const browser of [world.client(), await world.browserWith()]) {
      expect((await world.visit(browser)).headers.vary).toBeUndefined();
      const reply = await world.visit(browser, (visit) => setHeader(visit, 'Vary', 'Accept'));
      expect(reply.headers.vary).toBe('Accept');
    }
  });

  test('an error and a refusal after a look at the session vary by it, too', async () => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), ({ session }) => {
      void session.userId;
      throw new Error('a mistake');
    });
    expect([reply.status, reply.headers.vary]).toEqual([500, 'Cookie']);
    const browser = await world.browserWith();
    world.store.fail('find');
    const failed = await world.visit(browser, look);
    expect([failed.status, failed.headers.vary]).toEqual([503, 'Cookie']);
  });

  test.each<[name: string, headers: object | string[]]>([
    ['an object', { 'Cache-Control': 'max-age=5', VARY: 'Accept', 'Set-Cookie': ['own=1', 'two=2'], 'x-own': '1' }],
    [
      'a flat list',
      ['Cache-Control', 'max-age=5', 'VARY', 'Accept', 'Set-Cookie', 'own=1', 'Set-Cookie', 'two=2', 'x-own', '1'],
    ],
  ])('headers given to a raw writeHead as %s stay, ours come to them', async (_, headers) => {
    const world = await startWorld(platform);
    const path = world.route(async ({ session, response }) => {
      session['a'] = 1;
      const raw = takeRaw(response);
      raw.setHeader('X-Before', 'kept');
      raw.writeHead(201, headers as Record<string, string>);
      raw.end('done');
    }, 'raw');
    const reply = await world.client().get(path);
    expect([reply.status, reply.body]).toEqual([201, 'done']);
    expect(reply.headers['cache-control']).toBe('max-age=5, private, no-store');
    expect(reply.headers.vary).toBe('Accept, Cookie');
    expect([reply.headers['x-own'], reply.headers['x-before']]).toEqual(['1', 'kept']);
    expect(reply.cookies).toEqual(['own=1', 'two=2', expect.stringMatching(/^id=/)]);
  });
});
