// The Set-Cookie header as it leaves, to the letter: over http, behind a proxy that is trusted, and over TLS.
import { describe, expect, test } from 'vitest';
import type { SessionCookieOptions } from '../../../lib/index.js';
import { type AppOptions, PLATFORMS, type Reply } from '../../support/http.js';
import { type Handle, HOUR, startWorld, tokenIn } from '../../support/world.js';

type Way = [app: Partial<AppOptions>, headers: Record<string, string>];
const HTTP: Way = [{}, {}];
const PROXY: Way = [{ trustProxy: true }, { 'x-forwarded-proto': 'https' }];
const TLS: Way = [{ tls: true }, {}];

const fill: Handle = ({ session }) => void (session['a'] = 1);
const remember: Handle = ({ session }) => void Object.assign(session, { a: 1, permanent: true });
const login: Handle = ({ session }) => session.login('ada');
const secure = { cookie: { secure: true } } as const;

/** The headers with the letter T for the token. */
const shapeOf = ({ cookies }: Reply) => cookies.map((header) => header.replace(/=[\w.-]{59,103};/, '=T;'));

type Golden = [cookie: SessionCookieOptions, name: string, attributes: string];
const OVER_HTTP: Golden[] = [
  [{}, 'id', 'Path=/; HttpOnly; SameSite=Lax'],
  [{ name: 'sid', path: '/app', sameSite: 'strict' }, 'sid', 'Path=/app; HttpOnly; SameSite=Strict'],
  [{ domain: '.shop.example' }, 'id', 'Domain=.shop.example; Path=/; HttpOnly; SameSite=Lax'],
];
const OVER_HTTPS: Golden[] = [
  [{}, '__Host-id', 'Path=/; HttpOnly; Secure; SameSite=Lax'],
  [{ secure: true }, '__Host-id', 'Path=/; HttpOnly; Secure; SameSite=Lax'],
  [{ secure: false }, 'id', 'Path=/; HttpOnly; SameSite=Lax'],
  [{ name: 'sid' }, 'sid', 'Path=/; HttpOnly; Secure; SameSite=Lax'],
  [{ domain: 'a.example', path: '/' }, '__Secure-id', 'Domain=a.example; Path=/; HttpOnly; Secure; SameSite=Lax'],
  [{ path: '/app' }, '__Secure-id', 'Path=/app; HttpOnly; Secure; SameSite=Lax'],
  [
    { secure: true, sameSite: 'none', partitioned: true, priority: 'high' },
    '__Host-id',
    'Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None',
  ],
  [{ sameSite: 'strict', priority: 'low' }, '__Host-id', 'Path=/; HttpOnly; Secure; Priority=Low; SameSite=Strict'],
];
const GOLDEN = [
  ...OVER_HTTP.map((golden) => ['http', HTTP, ...golden] as const),
  ...OVER_HTTPS.map((golden) => ['a trusted proxy', PROXY, ...golden] as const),
  ...OVER_HTTPS.map((golden) => ['TLS', TLS, ...golden] as const),
];

describe.each(PLATFORMS)('Set-Cookie on %s', (platform) => {
  test.each(GOLDEN)('over %s, the cookie of %#', async (_, [app, headers], cookie, name, attributes) => {
    const world = await startWorld(platform, { cookie }, app);
    const browser = world.client();
    const visit = (handle: Handle) => world.visit(browser, handle, { headers });
    expect(shapeOf(await visit(fill))).toEqual([`${name}=T; ${attributes}`]);
    expect(await world.dataOf(browser, { headers })).toEqual({ a: 1 });
    expect(shapeOf(await visit(login))).toEqual([`${name}=T; ${attributes}`]);
    expect(shapeOf(await visit(remember))).toEqual([`${name}=T; Max-Age=1209600; ${attributes}`]);
    const gone = attributes.replace('; HttpOnly', '; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly');
    expect((await visit(({ session }) => session.logout())).cookies).toEqual([`${name}=; Max-Age=0; ${gone}`]);
    expect([world.store.memory.size, world.app.log.lines]).toEqual([0, []]);
  });

  test('the cookie of the other protocol opens nothing: a plain one is no way into a secure session', async () => {
    const world = await startWorld(platform, {}, PROXY[0]);
    const overHttps = { headers: PROXY[1] };
    const secureToken = tokenIn(await world.visit(world.client(), fill, overHttps), '__Host-id');
    const plainToken = tokenIn(await world.visit(world.client(), fill));
    const withPlain = { headers: { ...PROXY[1], cookie: `id=${secureToken}` } };
    expect(await world.dataOf(world.client(), withPlain)).toEqual({});
    expect(await world.dataOf(world.client(), { headers: { cookie: `__Host-id=${plainToken}` } })).toEqual({});
  });

  test('the longest name and the longest path fit into what browsers take, signed and permanent', async () => {
    const path = `/${'p'.repeat(1023)}`;
    const options = { cookie: { name: 'n'.repeat(256), path }, secrets: ['k'.repeat(32)] };
    const world = await startWorld(platform, options, TLS[0]);
    const [header = ''] = (await world.visit(world.client(), remember)).cookies;
    const [pair = '', ...attributes] = header.split('; ');
    expect(pair.length).toBeLessThanOrEqual(4096);
    expect(attributes).toContain(`Path=${path}`);
    for (const attribute of attributes) expect(attribute.split('=')[1]?.length ?? 0).toBeLessThanOrEqual(1024);
  });

  test('a session that is given a longer time of its own is clamped too, which is said once', async () => {
    const world = await startWorld(platform, { permanent: { idleTimeout: '500d', absoluteTimeout: '800d' } });
    for (let round = 0; round < 2; round += 1) {
      const data = { a: 1, permanent: 500 * 24 * HOUR };
      const reply = await world.visit(world.client(), ({ session }) => void Object.assign(session, data));
      expect(reply.cookies).toEqual([expect.stringContaining('; Max-Age=34560000;')]);
    }
    expect(world.app.log.lines).toEqual([expect.stringMatching(/what `session\.permanent` is given/)]);
  });
});

describe.each(PLATFORMS)('a cookie that can not be sent, on %s', (platform) => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['over plain http', {}, /the request came over http: use https, or `cookie.secure: 'auto'`/],
    [
      'behind a proxy that is not trusted',
      { 'x-forwarded-proto': 'https' },
      /X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy` \(Express\) or `trustProxy` \(Fastify\)/,
    ],
  ])('%s there is no cookie, no document, and one warning with the cause', async (_, headers, cause) => {
    const world = await startWorld(platform, secure);
    await world.visit(world.client(), ({ session }) => ({ ...session }), { headers });
    expect(world.app.log.lines).toEqual([]);
    for (const handle of [fill, login, remember, fill]) {
      const reply = await world.visit(world.client(), handle, { headers });
      expect([reply.status, reply.cookies]).toEqual([200, []]);
    }
    expect([world.store.memory.size, world.store.takeCalls()]).toEqual([0, []]);
    expect(world.app.log.lines).toEqual([expect.stringMatching(cause)]);
    expect(world.app.log.lines[0]).toContain('no session begins');
  });

  test('the same app serves those who come by https, whatever the others did', async () => {
    const world = await startWorld(platform, secure, { trustProxy: true });
    for (const [proto, cookies] of [
      [undefined, 0],
      ['https', 1],
      ['http', 0],
    ] as const) {
      const headers = proto ? { 'x-forwarded-proto': proto } : {};
      expect((await world.visit(world.client(), fill, { headers })).cookies).toHaveLength(cookies);
    }
    expect(world.store.memory.size).toBe(1);
  });

  test("with 'auto', what an untrusted proxy says counts for nothing, neither for the name nor for Secure", async () => {
    const world = await startWorld(platform);
    for (const headers of [
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-proto': 'https, http' },
      { forwarded: 'proto=https' },
      { 'x-forwarded-ssl': 'on' },
      { 'front-end-https': 'on' },
    ])
      expect(shapeOf(await world.visit(world.client(), fill, { headers }))).toEqual([
        'id=T; Path=/; HttpOnly; SameSite=Lax',
      ]);
    const cause =
      /sent without Secure, .*X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy`/;
    expect(world.app.log.lines).toEqual([expect.stringMatching(cause)]);
  });
});

test.each(PLATFORMS)('request.session.cookie.secure on %s follows the proxy that is trusted', async (platform) => {
  const world = await startWorld(platform, {}, PROXY[0]);
  expect(await world.ask(world.client(), ({ session }) => session.cookie.secure, { headers: PROXY[1] })).toBe(true);
  expect(await world.ask(world.client(), ({ session }) => session.cookie.secure)).toBe(false);
});
