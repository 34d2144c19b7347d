// No option and no value gets a line, an attribute or a header of its own into an answer.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { clearCookieHeader, cookieName, setCookieHeader } from '../../../lib/core/token/write-session-cookie.js';
import { MemorySessionStore, SessionError } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import type { ResolvedOptions } from '../../../lib/core/options/resolved-options.interface.js';
import { startWith, startWorld, tokenIn } from '../../support/world.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const BREAKS = [
  ...['\r\nX-Evil: 1', '\nX-Evil: 1', '\r', '\0', ';', '; Domain=evil.example', ',', ' ', '\t', '\x7f', 'é', '😀'],
  ...['"', '\\'],
];

/** Texts like those that are right, with something in them that is not. */
const broken = fc
  .tuple(
    fc.constantFrom('', '/', '/a', 'id', '__Host-id', 'example.org', 'lax', 'x-token'),
    fc.constantFrom(...BREAKS),
    fc.string(),
  )
  .chain(([before, middle, after]) => fc.constantFrom(before + middle, before + middle + after, middle + before));

/** One `Set-Cookie` header of RFC 6265, and nothing after it. */
const SET_COOKIE =
  /^[!#$%&'*+\-.^_`|~\w]+=[\w.-]*(; (Max-Age=\d+|Domain=[\w.-]+|Path=\/[!-:=-~]*|Expires=[\w, :]+|HttpOnly|Secure|Partitioned|Priority=\w+|SameSite=\w+))*$/;

function resolved(options: object): ResolvedOptions | undefined {
  try {
    return resolveOptions({ store: new MemorySessionStore(), ...options });
  } catch (error) {
    if (error instanceof SessionError && error.code === 'SESSION_OPTION_INVALID') return undefined;
    throw error;
  }
}

describe('an option', () => {
  test.each(['name', 'path', 'domain', 'sameSite', 'priority'])(
    'cookie.%s is refused at the start, or makes one cookie and nothing else',
    (option) => {
      let made = 0;
      fc.assert(
        fc.property(
          fc.oneof(broken, fc.string(), fc.constantFrom('/', '/a', 'id', 'lax', 'low', 'a.example')),
          (text) => {
            const cookie = resolved({ cookie: { [option]: text } })?.cookie;
            for (const secure of cookie ? [true, false] : []) {
              made += 1;
              expect(cookieName(cookie!, secure)).toMatch(/^[!#$%&'*+\-.^_`|~\w]+$/);
              expect(setCookieHeader(cookie!, secure, 'value', 1000)).toMatch(SET_COOKIE);
              expect(clearCookieHeader(cookie!, secure)).toMatch(SET_COOKIE);
            }
          },
        ),
        { numRuns: 2000 },
      );
      expect(made).toBeGreaterThan(0);
    },
  );

  test.each(BREAKS)('with %j in it is refused, wherever it would reach a header', (text) => {
    for (const cookie of [
      { name: `a${text}` },
      { path: `/${text}` },
      { domain: `a${text}` },
      { priority: `low${text}` },
    ]) {
      // These two may stand in a path.
      if ('path' in cookie && ['"', '\\', ','].includes(text)) continue;
      expect(resolved({ cookie }), JSON.stringify(cookie)).toBeUndefined();
    }
    expect(resolved({ name: `a${text}` })).toBeUndefined();
    expect(resolved({ transport: { header: `x-a${text}` } })).toBeUndefined();
  });

  test.each(['Set-Cookie', 'host', 'Content-Length', 'transfer-encoding', '', 'x'.repeat(101), 'a:b'])(
    'transport.header can not be %s',
    (header) => {
      expect(resolved({ transport: { header } })).toBeUndefined();
    },
  );

  test('permanent never makes a Max-Age that is no number', () => {
    const { cookie } = resolved({})!;
    for (const lasts of [0, -1, 0.5, 1e300, Infinity, Number.MAX_SAFE_INTEGER])
      expect(setCookieHeader(cookie, true, 'value', lasts)).toMatch(SET_COOKIE);
  });
});

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each([
    ['a line', ['cache"\r\nX-Evil: 1']],
    ['another header value', ['cache", "*']],
    ['letters that no header can have', ['cache', '😀']],
    ['a text in place of a list', 'cache'],
    ['an object', { length: 1, 0: 'cache' }],
    ['null', null],
  ])(
    'clearSiteData with %s: the session has ended, and the answer is an error without that header',
    async (_, types) => {
      const { world, browser } = await startWith(platform);
      const thief = browser.clone();
      const reply = await world.visit(browser, ({ session }) => session.logout({ clearSiteData: types as never }));
      expect([reply.status, reply.headers['clear-site-data'], reply.headers['x-evil']]).toEqual([
        500,
        undefined,
        undefined,
      ]);
      expect(reply.body).not.toContain('Evil');
      expect(await world.isAlive(thief)).toBe(false);
      expect(browser.jar.size).toBe(0);
    },
  );

  test('nothing of a request comes back in a header of ours', async () => {
    for (const options of [{}, { transport: { header: 'x-session-token' } }]) {
      const world = await startWorld(platform, options);
      const evil = 'evil%0d%0aX-Evil:%201';
      const headers = { cookie: `id=${evil}; evil=1`, 'x-session-token': evil, 'x-forwarded-for': 'evil' };
      const reply = await world.visit(world.client(), ({ session }) => void (session[evil] = evil), { headers });
      expect(reply.rawHeaders.join('\n')).not.toMatch(/evil/i);
      const token = tokenIn(reply) ?? reply.headers['x-session-token'];
      expect(token).toMatch(/^[\w-]{59}$/);
    }
  });
});
