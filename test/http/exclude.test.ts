// Paths without a session: no read, a clear error for who asks for it, and no way to reach another route without its session.
import type { IncomingMessage } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { Session } from '../../lib/index.js';
import { excludeMatcher } from '../../lib/http/exclude-paths.js';
import { type Notes, ObservedStore, PLATFORMS, sharedApp } from '../support/http.js';

const PATTERNS: [pattern: string | RegExp, url: string, isExcluded: boolean][] = [
  ['/health', '/health', true],
  ['/health', '/health?deep=1', true],
  ['/health', '/health/', false],
  ['/health', '/healthy', false],
  ['/health', '/api/health', false],
  ['/assets/*', '/assets/a.css', true],
  ['/assets/*', '/assets/a/b/c.css?v=1', true],
  ['/assets/*', '/assets/%6Cogo.png', true],
  ['/assets/*', '/assets/', true],
  ['/assets/*', '/assets', false],
  ['/assets/*', '/ASSETS/logo.png', false],
  ['/assets/*', '//assets/logo.png', false],
  ['/assets/*', '/assets%2flogo.png', false],
  ['/assets/*', '/x?/assets/', false],
  ['/assets/*', '/x/assets/logo.png', false],
  ['/*.css', '/a/b.css', true],
  ['/*.css', '/a/b.css.exe', false],
  ['/a*a', '/a', false],
  ['/a*a', '/aa', true],
  ['/*/b*c*', '/a/b/x/c', true],
  ['/*/b*c*', '/a/c/b', false],
  ['/.*', '/xy', false],
  ['/caf\u00e9', '/caf%C3%A9', true],
  ['/a/b', '/%61/b', true],
  ['/a/b', '/a%2Fb', false],
  ['/a', '/a%zz', false],
  ['/a*', '/a%zz', true],
  ['/a', 'http://example.org/a?b', true],
  ['/', 'http://example.org', true],
  [/\.css$/gi, '/a.CSS', true],
  [/\.css$/gi, '/a.css?x', true],
  [/^\/b/y, '/a/b', false],
];

const requestOf = (properties: Record<string, string>) => properties as object as IncomingMessage;

describe('exclude', () => {
  test.each(PATTERNS)('%s and %s: %s', (pattern, url, isExcluded) => {
    const excludedBy = excludeMatcher(['/never', pattern])!;
    // Twice: a pattern has no memory.
    for (let i = 0; i < 2; i++) expect(excludedBy(requestOf({ url }))).toBe(isExcluded ? String(pattern) : undefined);
  });

  test('looks at the whole path, mounted wherever', () => {
    const excludedBy = excludeMatcher(['/api/health'])!;
    expect(excludedBy(requestOf({ url: '/health', baseUrl: '/api', originalUrl: '/old' }))).toBe('/api/health');
    expect(excludedBy(requestOf({ url: '/health', originalUrl: '/api/health' }))).toBe('/api/health');
  });
});

let accounts: string[] = [];
beforeEach(() => {
  accounts = [];
});

@Controller()
class ShopController {
  @Get('login') login(@Session() session: Notes): void {
    session['user'] = 'ann';
  }

  @Get('assets/asks') asks(@Session() session: Notes) {
    return session;
  }

  @Get(['assets/:file', 'probe']) file() {
    return 'a file';
  }

  /** Whatever the address looked like: if this route answers, it has its session. */
  @Get(['account', 'account/:a', 'account/:a/:b']) account(@Session<{ user: string }>('user') user: string) {
    accounts.push(user);
    return user;
  }
}

/** Meant to look excluded while the router sends them to the account. */
const BYPASSES = [
  ...['/assets/../account', '/assets/%2e%2e/account', '/assets/..%2faccount', '/assets/..\\account'],
  ...['/account?/assets/', '/account?x=/assets/a', '/account#/assets/a', '/account;/assets/a', '/account/assets/a'],
  ...['/account%3f/assets/a', '/account%23/assets/a', '/account%00/assets/a', '/account%2f..%2fassets/a'],
  ...['//assets/account', '/\\assets/a/../../account', '/./account', '/account/', '/account//', '/ACCOUNT'],
  ...['http://assets/account', 'http://x/assets/../account', 'HTTP://host/account', 'http://host/assets/a?/account'],
  ...['/account/%2e%2e/assets/a', '/account/../assets/a', '/assets/%', '/%61ssets/%2561/account', '/account?probe'],
  ...['/%61ccount', '/account/x?y'],
];

describe.each(PLATFORMS)('exclude on %s', (platform) => {
  const store = new ObservedStore();
  const sessions = { store, exclude: ['/assets/*', /^\/probe$/g] };
  const app = sharedApp(() => ({ platform, sessions, controllers: [ShopController] }));
  async function ann() {
    const browser = app().client();
    await browser.get('/login');
    store.takeCalls();
    return browser;
  }

  test.each(['/assets/logo.png', '/assets/logo.png?user=ann', '/%61ssets/logo.png', '/probe', '/probe?user=ann'])(
    'nothing is read for %s',
    async (path) => {
      const reply = await (await ann()).get(path);
      expect(store.takeCalls()).toEqual([]);
      // Express takes an escaped letter for another path.
      expect(reply.body).toMatch(path.includes('%61') ? /^a file$|Cannot GET/ : /^a file$/);
    },
  );

  test('who asks for the session there is told why there is none', async () => {
    const reply = await (await ann()).get('/assets/asks');
    expect([reply.status, reply.body]).toEqual([500, '{"statusCode":500,"message":"Internal server error"}']);
    expect(store.takeCalls()).toEqual([]);
    expect(app().log.lines.join('\n')).toMatch(/`exclude` has '\/assets\/\*', which matches.*Narrow the pattern/);
  });

  test.each(BYPASSES)('the account is never reached without its session by %s', async (path) => {
    const reply = await (await ann()).get(path);
    expect(accounts.filter((user) => user !== 'ann')).toEqual([]);
    expect(reply.body === 'ann').toBe(accounts.length === 1);
  });

  test('the account is reached at all, and its session is read', async () => {
    expect((await (await ann()).get('/account')).body).toBe('ann');
    expect(store.takeCalls()).toEqual(['find']);
  });
});
