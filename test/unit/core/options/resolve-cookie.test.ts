// Options of the cookie that browsers would drop without a word stop the start, with the reason.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { clearCookieHeader, setCookieHeader } from '../../../../lib/core/token/write-session-cookie.js';
import { SessionError } from '../../../../lib/core/errors.js';
import { resolveCookie } from '../../../../lib/core/options/resolve-cookie.js';
import { resolveSecrets, resolveTransport } from '../../../../lib/core/options/resolve-transport.js';
import { refusalOf } from '../../../support/core/refusal.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const resolve = (given: object) => resolveCookie(given, 'default');

describe('an option of the cookie is refused', () => {
  test.each<[option: string, given: object, fix: RegExp]>([
    ['cookie.secure', { secure: 'always' }, /Use one of: "auto", true, false/],
    ['cookie.secure', { secure: 1 }, /Use one of/],
    ['cookie.sameSite', { sameSite: 'Lax' }, /Use one of: "auto", "lax", "strict", "none"/],
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

const refusal = (attempt: () => unknown) => refusalOf('SESSION_OPTION_INVALID', attempt);

describe('secrets', () => {
  test('are their bytes, text by its UTF-8, in the order in which they were given', () => {
    const bytes = new Uint8Array(16).fill(7);
    const [text, copy] = resolveSecrets(['ä'.repeat(32), bytes]);
    expect(text!.export().toString('utf8')).toBe('ä'.repeat(32));
    expect(copy!.export()).toEqual(Buffer.from(bytes));
    expect(resolveSecrets([])).toEqual([]);
  });

  test('do not change with the array of bytes that was given', () => {
    const bytes = new Uint8Array(16).fill(7);
    const [key] = resolveSecrets([bytes]);
    bytes.fill(0);
    expect(key!.export()).toEqual(Buffer.alloc(16, 7));
  });

  test.each([
    ['a text of 31 characters', 'k'.repeat(31)],
    ['no text', ''],
    ['15 bytes', new Uint8Array(15)],
    ['no bytes', new Uint8Array()],
  ])('may not be %s: too short to be safe', (_, secret) => {
    const message = refusal(() => resolveSecrets(['a'.repeat(32), secret]));
    expect(message).toContain('`secrets[1]` is "too short to be safe". Give 32 characters or 16 random bytes at least');
    expect(message).toContain('openssl rand -base64 32');
    expect(message).not.toContain('kkk');
  });

  test.each([[5], [null], [undefined], [{}], [['a'.repeat(32)]], [Symbol('key')]])('may not be %s', (secret) => {
    expect(refusal(() => resolveSecrets([secret]))).toContain('`secrets[0]` is "neither text nor bytes". Give 32');
  });

  test.each(['a'.repeat(40), new Uint8Array(32), { 0: 'a'.repeat(40), length: 1 }, null, undefined])(
    'stand in an array, of which nothing is shown: %#',
    (given) => {
      const message = refusal(() => resolveSecrets(given));
      expect(message).toMatch(/`secrets` is "no array"\. Give an array of keys, the newest first\.$/);
    },
  );
});

describe('transport', () => {
  test('by cookie has no header', () => {
    expect(resolveTransport('cookie')).toBeUndefined();
  });

  test.each([
    ['X-Session-Token', 'x-session-token'],
    ['t', 't'],
    ["a!#$%&'*+.^_`|~-9", "a!#$%&'*+.^_`|~-9"],
    ['h'.repeat(100), 'h'.repeat(100)],
  ])('by the header %s is by its name in lower case', (header, name) => {
    expect(resolveTransport({ header })).toBe(name);
  });

  test.each([
    ...['', 'h'.repeat(101), 'a b', ' x-token', 'x-token ', 'x:token', 'x-tökn', 'x-token\r\n', 'a,b', '"x"'],
    ...['Cookie', 'set-cookie', 'HOST', 'connection', 'Content-Length', 'transfer-encoding'],
    ...[undefined, null, 5, ['x-token']],
  ])('can not be the header %j', (header) => {
    const message = refusal(() => resolveTransport({ header }));
    expect(message).toContain('option `transport.header` is ');
    expect(message).toContain("Give the name of a header of your own, such as 'x-session-token'.");
  });

  test.each(['header', 'x-token', null, true, ['cookie'], undefined])('is a cookie or a header, not %j', (given) => {
    expect(refusal(() => resolveTransport(given))).toMatch(/option `transport` is .* Give an object with its settings/);
  });

  test('knows no other setting', () => {
    expect(refusal(() => resolveTransport({ header: 'x-token', prefix: 'Bearer' }))).toMatch(
      /`transport\.prefix` is given\. There is no such option\. Known options: transport\.header\./,
    );
  });
});
