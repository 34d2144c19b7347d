// Options of the cookie that browsers would drop without a word stop the start, with the reason.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { clearCookieHeader, setCookieHeader } from '../../../../lib/core/token/write-session-cookie.js';
import { SessionError } from '../../../../lib/core/errors.js';
import { resolveCookie } from '../../../../lib/core/options/resolve-cookie.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const resolve = (given: object) => resolveCookie(given, 'default');

describe('an option of the cookie is refused', () => {
  test.each<[option: string, given: object, fix: RegExp]>([
    ['cookie.secure', { secure: 'always' }, /Use one of: "auto", true, false/],
    ['cookie.secure', { secure: 1 }, /Use one of/],
    ['cookie.sameSite', { sameSite: 'Lax' }, /Use one of: "lax", "strict", "none"/],
    ['cookie.sameSite', { sameSite: false }, /Use one of/],
    ['cookie.sameSite', { sameSite: 'none' }, /set `cookie\.secure: true`/],
    ['cookie.sameSite', { sameSite: 'none', secure: false }, /set `cookie\.secure: true`/],
    ['cookie.partitioned', { partitioned: true }, /set `cookie\.secure: true`/],
    ['cookie.partitioned', { partitioned: true, secure: false }, /set `cookie\.secure: true`/],
    ['cookie.partitioned', { partitioned: 'yes' }, /Use one of: true, false/],
    ['cookie.priority', { priority: 'urgent' }, /Use one of: "low", "medium", "high"/],
    ['cookie.path', { path: '' }, /starts with '\/'/],
    ['cookie.path', { path: 'app' }, /starts with '\/'/],
    ['cookie.path', { path: '/a;b' }, /starts with '\/'/],
    ['cookie.path', { path: '/a b' }, /starts with '\/'/],
    ['cookie.path', { path: '/<a>' }, /starts with '\/'/],
    ['cookie.path', { path: '/a\r\nSet-Cookie: x=y' }, /starts with '\/'/],
    ['cookie.path', { path: '/ü' }, /starts with '\/'/],
    ['cookie.path', { path: null }, /starts with '\/'/],
    ['cookie.path', { path: `/${'p'.repeat(1024)}` }, /starts with '\/'/],
    ['cookie.domain', { domain: '' }, /host name/],
    ['cookie.domain', { domain: 'https://example.org' }, /host name/],
    ['cookie.domain', { domain: 'example.org:3000' }, /host name/],
    ['cookie.domain', { domain: 'example.org; x' }, /host name/],
    ['cookie.domain', { domain: 'a..b' }, /host name/],
    ['cookie.domain', { domain: 'my_host.org' }, /host name/],
    ['cookie.domain', { domain: '-example.org' }, /host name/],
    ['cookie.domain', { domain: 'example-.org' }, /host name/],
    ['cookie.domain', { domain: `${'a'.repeat(64)}.org` }, /host name/],
    ['cookie.domain', { domain: 'bücher.example' }, /host name/],
    ['cookie.domain', { domain: 5 }, /host name/],
    ['cookie.domain', { domain: `${'d.'.repeat(512)}example` }, /host name/],
    ['cookie.name', { name: '' }, /letters, digits/],
    ['cookie.name', { name: 'a b' }, /letters, digits/],
    ['cookie.name', { name: 'a=b' }, /letters, digits/],
    ['cookie.name', { name: 'a;b' }, /letters, digits/],
    ['cookie.name', { name: 'sid\r\n' }, /letters, digits/],
    ['cookie.name', { name: 'ü' }, /letters, digits/],
    ['cookie.name', { name: 'a'.repeat(257) }, /Give up to 256/],
    ['cookie.name', { name: null }, /letters, digits/],
    ['cookie.name', { name: '__Host-id' }, /set `cookie\.secure: true`/],
    ['cookie.name', { name: '__secure-id', secure: false }, /set `cookie\.secure: true`/],
    ['cookie.name', { name: '__Host-id', secure: true, path: '/app' }, /`__Host-` forbids/],
    ['cookie.name', { name: '__HOST-id', secure: true, domain: 'example.org' }, /`__Host-` forbids/],
    ['cookie.httpOnly', { httpOnly: false }, /There is no such option/],
    ['cookie.maxAge', { maxAge: 60_000 }, /There is no such option/],
    ['cookie.samesite', { samesite: 'lax' }, /Did you mean `cookie\.sameSite`\?/],
    ['cookie.Secure', { Secure: true }, /Did you mean `cookie\.secure`\?/],
    ['cookie.whatever', { whatever: undefined }, /Known options: .*cookie\.domain/],
  ])('%s: %#', (option, given, fix) => {
    const attempt = () => resolve(given);
    expect(attempt).toThrow(SessionError);
    expect(attempt).toThrow(`option \`${option}\` is `);
    expect(attempt).toThrow(fix);
  });
});

describe('whatever options of the cookie are let pass', () => {
  const text = fc.oneof(
    fc.constantFrom(
      '/',
      '/a',
      '/<',
      '/~x',
      'id',
      '__Host-x',
      'a.org',
      '.a.org',
      'a_b',
      '-a',
      'localhost',
      '127.0.0.1',
      'A',
    ),
    fc.string({ maxLength: 6 }),
    fc.string({ unit: fc.constantFrom('a', '-', '.', '_', '/', '<', ':'), maxLength: 6 }),
  );

  test('can be written into a header, set and cleared, without an error at the first answer', () => {
    let passed = 0;
    const given = fc.record(
      { name: text, path: text.map((path) => `/${path}`), domain: text, secure: fc.constantFrom('auto', true) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, fc.boolean(), (options, https) => {
        let resolved;
        try {
          resolved = resolve(options);
        } catch (error) {
          expect(error).toBeInstanceOf(SessionError);
          return;
        }
        passed += 1;
        for (const header of [setCookieHeader(resolved, https, 'T', 5), clearCookieHeader(resolved, https)])
          expect(header).toMatch(/^[^\s;=]+=T?(; [A-Z][\w-]+(=[\x20-\x3a\x3c-\x7e]+)?)+$/);
      }),
      { numRuns: 1500 },
    );
    expect(passed).toBeGreaterThan(100);
  });

  test('keep what they were given: nothing of it is changed', () => {
    const given = Object.freeze({ path: '/app', domain: 'example.org', secure: undefined });
    expect(resolve(given)).toMatchObject({ path: '/app', domain: 'example.org', secure: 'auto' });
    expect(given).toEqual({ path: '/app', domain: 'example.org', secure: undefined });
  });
});
