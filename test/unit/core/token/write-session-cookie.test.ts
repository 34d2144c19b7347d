// The Set-Cookie header, to the letter: what hands the token out, and what takes it back.
import { describe, expect, test, vi } from 'vitest';
import { clearCookieHeader, cookieName, setCookieHeader } from '../../../../lib/core/token/write-session-cookie.js';
import { resolveCookie } from '../../../../lib/core/options/resolve-cookie.js';
import type { SessionCookieOptions } from '../../../../lib/core/options/session-cookie-options.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const resolve = (given: SessionCookieOptions = {}, registration = 'default') => resolveCookie(given, registration);
const GONE = 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT';

describe('a Set-Cookie header', () => {
  test.each<[given: SessionCookieOptions, https: boolean, lasts: number | undefined, header: string]>([
    [{}, true, undefined, '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{}, false, undefined, 'id=T; Path=/; HttpOnly; SameSite=Lax'],
    [{}, true, 60_000, '__Host-id=T; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ secure: true }, false, undefined, '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ secure: false }, true, undefined, 'id=T; Path=/; HttpOnly; SameSite=Lax'],
    [{ secure: false }, false, undefined, 'id=T; Path=/; HttpOnly; SameSite=Lax'],
    [{ sameSite: 'strict' }, true, undefined, '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [{ sameSite: 'none', secure: true }, true, undefined, '__Host-id=T; Path=/; HttpOnly; Secure; SameSite=None'],
    [{ path: '/app' }, true, undefined, '__Secure-id=T; Path=/app; HttpOnly; Secure; SameSite=Lax'],
    [{ path: '/app' }, false, undefined, 'id=T; Path=/app; HttpOnly; SameSite=Lax'],
    [{ domain: 'a.org' }, true, undefined, '__Secure-id=T; Domain=a.org; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [
      { partitioned: true, secure: true },
      true,
      undefined,
      '__Host-id=T; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax',
    ],
    [{ priority: 'high' }, true, undefined, '__Host-id=T; Path=/; HttpOnly; Secure; Priority=High; SameSite=Lax'],
    [{ name: 'sid' }, true, undefined, 'sid=T; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ name: 'sid' }, false, undefined, 'sid=T; Path=/; HttpOnly; SameSite=Lax'],
    [{ name: '__Host-sid', secure: true }, true, 1, '__Host-sid=T; Max-Age=1; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ])('with %j on https=%s that lasts %s is %s', (given, https, lasts, header) => {
    expect(setCookieHeader(resolve(given), https, 'T', lasts)).toBe(header);
  });

  test.each([
    [true, `__Host-id=; ${GONE.replace('; Expires', '; Path=/; Expires')}; HttpOnly; Secure; SameSite=Lax`],
    [false, `id=; ${GONE.replace('; Expires', '; Path=/; Expires')}; HttpOnly; SameSite=Lax`],
  ])('that clears the cookie is, on https=%s, %s', (https, header) => {
    expect(clearCookieHeader(resolve(), https)).toBe(header);
  });

  test.each([
    [1, 1],
    [999, 1],
    [1000, 1],
    [1001, 2],
    [0, 0],
    [-5000, 0],
    [400 * 86_400_000, 34_560_000],
    [400 * 86_400_000 + 1, 34_560_000],
    [Infinity, 34_560_000],
  ])(
    'that lasts %d ms says Max-Age=%d: never less than the session lives, never more than browsers keep',
    (lasts, maxAge) => {
      expect(setCookieHeader(resolve(), true, 'T', lasts)).toContain(`; Max-Age=${maxAge};`);
    },
  );

  test('says Expires beside Max-Age when asked to, and never a later one', () => {
    const [ends, limit] = [Date.UTC(2030, 0, 2), 400 * 86_400_000];
    const of = (lasts: number) => setCookieHeader(resolve(), true, 'T', lasts, ends);
    expect(of(5000)).toContain('; Max-Age=5; Path=/; Expires=Wed, 02 Jan 2030 00:00:00 GMT;');
    expect(of(limit + 86_400_000)).toContain('; Max-Age=34560000; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT;');
    expect(setCookieHeader(resolve(), true, 'T', undefined, ends)).not.toMatch(/max-age|expires/i);
  });

  test('of a session that ends with the browser has neither Max-Age nor Expires', () => {
    expect(setCookieHeader(resolve(), true, 'T', undefined)).not.toMatch(/max-age|expires/i);
  });
});

/** Every combination of options that can be chosen together. */
const combinations = [...choices()];

function* choices(): Generator<[SessionCookieOptions, boolean]> {
  for (const secure of ['auto', true, false] as const)
    for (const sameSite of ['lax', 'strict', 'none'] as const)
      for (const partitioned of [false, true])
        for (const path of ['/', '/app'])
          for (const domain of [undefined, 'example.org'])
            for (const priority of [undefined, 'low', 'medium', 'high'] as const)
              for (const name of [undefined, 'sid'])
                for (const https of [true, false]) {
                  const rest = { ...(domain && { domain }), ...(priority && { priority }), ...(name && { name }) };
                  const isPossible = secure === true || (sameSite !== 'none' && !partitioned);
                  if (isPossible) yield [{ secure, sameSite, partitioned, path, ...rest }, https];
                }
}

/** The attributes of a header by name, without those that say how long. */
function attributesOf(header: string): Record<string, string> {
  const [pair, ...attributes] = header.split('; ');
  const entries = attributes.map((text) => text.split('=') as [string, string?]);
  const lasting = entries.filter(([name]) => name !== 'Max-Age' && name !== 'Expires');
  return { name: pair!.split('=')[0]!, ...Object.fromEntries(lasting.map(([name, value]) => [name, value ?? ''])) };
}

describe('in every combination of options', () => {
  const each = (check: (given: SessionCookieOptions, https: boolean, header: string) => void) => {
    expect(combinations.length).toBeGreaterThan(500);
    for (const [given, https] of combinations)
      check(given, https, setCookieHeader(resolve(given), https, 'T', undefined));
  };

  test('the attributes are those asked for and no others', () => {
    each((given, https, header) => {
      const { name, ...attributes } = attributesOf(header);
      const secure = given.secure === 'auto' ? https : given.secure;
      expect(name).toMatch(/^(__Host-|__Secure-)?id$|^sid$/);
      const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
      expect(attributes).toEqual({
        Path: given.path,
        HttpOnly: '',
        SameSite: capital(given.sameSite as string),
        ...(secure && { Secure: '' }),
        ...(given.domain && { Domain: given.domain }),
        ...(given.partitioned && { Partitioned: '' }),
        ...(given.priority && { Priority: capital(given.priority) }),
      });
    });
  });

  test('the cookie is cleared under the same name and attributes, else the browser would keep it', () => {
    each((given, https, header) => {
      const clear = clearCookieHeader(resolve(given), https);
      expect(attributesOf(clear)).toEqual(attributesOf(header));
      expect(clear).toMatch(/^[^=]+=; Max-Age=0;.* Expires=Thu, 01 Jan 1970 00:00:00 GMT;/);
    });
  });

  test('the name that is read is the name that is written', () => {
    each((given, https, header) => {
      expect(header.startsWith(`${cookieName(resolve(given), https)}=`)).toBe(true);
    });
  });

  test('browsers accept it: a prefixed name has what its prefix asks for, and what needs Secure has it', () => {
    each((_, __, header) => {
      const attributes = attributesOf(header);
      if (attributes['name']!.startsWith('__')) expect(attributes).toHaveProperty('Secure');
      if (attributes['name']!.startsWith('__Host-')) {
        expect(attributes).not.toHaveProperty('Domain');
        expect(attributes['Path']).toBe('/');
      }
      if (attributes['SameSite'] === 'None' || 'Partitioned' in attributes) expect(attributes).toHaveProperty('Secure');
    });
  });
});

test('another registration has another cookie, unless a name is given', () => {
  expect(cookieName(resolve({}, 'admin'), true)).toBe('__Host-admin');
  expect(cookieName(resolve({}, 'admin'), false)).toBe('admin');
  expect(cookieName(resolve({ name: 'sid' }, 'admin'), true)).toBe('sid');
});
