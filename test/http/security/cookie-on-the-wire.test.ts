// The Set-Cookie header as it leaves, to the letter: over http, behind a proxy that is trusted, and over TLS.
import { describe, expect, test } from 'vitest';
import type { SessionCookieOptions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { type WireOptions, pairOf, shapeOf, startWire } from './support/wire.js';

const HTTP: [WireOptions, Record<string, string>] = [{}, {}];
const PROXY: [WireOptions, Record<string, string>] = [{ trustProxy: true }, { 'x-forwarded-proto': 'https' }];
const TLS: [WireOptions, Record<string, string>] = [{ tls: true }, {}];
const GONE = 'Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT';

const GOLDEN: [
  line: string,
  way: [WireOptions, Record<string, string>],
  cookie: SessionCookieOptions,
  set: string,
  clear: string,
][] = [
  ['http', HTTP, {}, 'id=T; Path=/; HttpOnly; SameSite=Lax', `id=; ${GONE}; HttpOnly; SameSite=Lax`],
  ...(
    [
      ['a trusted proxy', PROXY],
      ['TLS', TLS],
    ] as const
  ).flatMap(
    ([line, way]) =>
      [
        [
          line,
          way,
          {},
          '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=Lax',
          `__Host-id=; ${GONE}; HttpOnly; Secure; SameSite=Lax`,
        ],
        [
          line,
          way,
          { secure: true },
          '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=Lax',
          `__Host-id=; ${GONE}; HttpOnly; Secure; SameSite=Lax`,
        ],
        [line, way, { secure: false }, 'id=T; Path=/; HttpOnly; SameSite=Lax', `id=; ${GONE}; HttpOnly; SameSite=Lax`],
        [
          line,
          way,
          { name: 'sid' },
          'sid=T; Path=/; HttpOnly; Secure; SameSite=Lax',
          `sid=; ${GONE}; HttpOnly; Secure; SameSite=Lax`,
        ],
        [
          line,
          way,
          { domain: 'shop.example', path: '/' },
          '__Secure-id=T; Domain=shop.example; Path=/; HttpOnly; Secure; SameSite=Lax',
          `__Secure-id=; ${GONE.replace('Path', 'Domain=shop.example; Path')}; HttpOnly; Secure; SameSite=Lax`,
        ],
        [
          line,
          way,
          { path: '/app' },
          '__Secure-id=T; Path=/app; HttpOnly; Secure; SameSite=Lax',
          `__Secure-id=; ${GONE.replace('Path=/', 'Path=/app')}; HttpOnly; Secure; SameSite=Lax`,
        ],
        [
          line,
          way,
          { secure: true, sameSite: 'none', partitioned: true, priority: 'high' },
          '__Host-id=T; Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None',
          `__Host-id=; ${GONE}; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None`,
        ],
        [
          line,
          way,
          { sameSite: 'strict', priority: 'low' },
          '__Host-id=T; Path=/; HttpOnly; Secure; Priority=Low; SameSite=Strict',
          `__Host-id=; ${GONE}; HttpOnly; Secure; Priority=Low; SameSite=Strict`,
        ],
      ] as (typeof GOLDEN)[number][],
  ),
  [
    'http',
    HTTP,
    { name: 'sid', path: '/app', sameSite: 'strict' },
    'sid=T; Path=/app; HttpOnly; SameSite=Strict',
    `sid=; ${GONE.replace('Path=/', 'Path=/app')}; HttpOnly; SameSite=Strict`,
  ],
  [
    'http',
    HTTP,
    { domain: '.shop.example' },
    'id=T; Domain=.shop.example; Path=/; HttpOnly; SameSite=Lax',
    `id=; ${GONE.replace('Path', 'Domain=.shop.example; Path')}; HttpOnly; SameSite=Lax`,
  ],
];

describe.each(PLATFORMS)('on %s, over', (platform) => {
  test.each(GOLDEN)('%s, the cookie of %#', async (_, [way, headers], cookie, set, clear) => {
    const wire = await startWire(platform, { ...way, sessions: { cookie } });
    const filled = await wire.get('/fill', headers);
    expect(shapeOf(filled)).toEqual([set]);
    const own = { ...headers, cookie: pairOf(filled) };
    expect((await wire.get('/see', own)).body).toBe('{"a":1}');
    const loggedIn = await wire.get('/login', own);
    expect(shapeOf(loggedIn)).toEqual([set]);
    const remembered = await wire.get('/remember', { ...headers, cookie: pairOf(loggedIn) });
    expect(shapeOf(remembered)).toEqual([set.replace('=T; ', '=T; Max-Age=1209600; ')]);
    const loggedOut = await wire.get('/logout', { ...headers, cookie: pairOf(loggedIn) });
    expect(loggedOut.cookies).toEqual([clear]);
    expect(wire.store.memory.size).toBe(0);
    expect(wire.log.lines).toEqual([]);
  });

  test('several registrations each have their own cookie, set and cleared by themselves', async () => {
    const wire = await startWire(platform, { sessions: { name: 'admin' }, ...PROXY[0] });
    const reply = await wire.get('/fill', PROXY[1]);
    expect(shapeOf(reply)).toEqual(['__Host-admin=T; Path=/; HttpOnly; Secure; SameSite=Lax']);
  });

  test('the cookie of the other protocol opens nothing: a plain one is no way into a secure session', async () => {
    const wire = await startWire(platform, { trustProxy: true });
    const [secure, plain] = [await wire.get('/fill', PROXY[1]), await wire.get('/fill')];
    const [secureToken, plainToken] = [pairOf(secure).split('=')[1], pairOf(plain).split('=')[1]];
    expect((await wire.get('/see', { ...PROXY[1], cookie: `id=${secureToken}` })).body).toBe('{}');
    expect((await wire.get('/see', { cookie: `__Host-id=${plainToken}` })).body).toBe('{}');
  });
});
