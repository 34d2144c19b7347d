// The way of a token: by cookie or by a header of the app's choice, there and back, and when it can't be gone.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';
import { TokenTransport } from '../../../../lib/core/token/token-transport.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';

const token = createToken(0);
const text = formatToken(token);
const DAY = 86_400_000;

function transport(given: SessionOptions = {}) {
  const warnings: string[] = [];
  const options = resolveOptions({ collection: 'sessions', ...given });
  return { transport: new TokenTransport(options, (line) => void warnings.push(line)), warnings };
}

function exchange({ cookie, headers, secure = true }: { cookie?: string; headers?: object; secure?: boolean } = {}) {
  return Object.assign(new FakeExchange(cookie, headers as Record<string, string>), { secure });
}

describe('by cookie', () => {
  const { transport: byCookie } = transport();

  test('a token is read under the name that its protocol has', () => {
    expect(byCookie.headerName).toBe('Cookie');
    for (const [name, secure] of [
      ['__Host-id', true],
      ['id', false],
    ] as const) {
      const found = byCookie.read(exchange({ cookie: `${name}=${text}`, secure }));
      expect(found.malformed).toBeUndefined();
      expect(found.tokens.map(formatToken)).toEqual([text]);
      expect(byCookie.requestHeader(token, secure)).toEqual(['cookie', `${name}=${text}`]);
    }
  });

  test('what stands in its place and is none is malformed, what stands elsewhere is nothing', () => {
    const read = (cookie?: string) => byCookie.read(exchange(cookie === undefined ? {} : { cookie }));
    expect(read()).toEqual({ tokens: [] });
    expect(read('a=1')).toEqual({ tokens: [] });
    expect(read('__Host-id=x')).toEqual({ tokens: [], malformed: '__Host-id=x' });
    expect(read(`__Host-id=x; __Host-id=${text}`)).toMatchObject({ tokens: [{ handle: token.handle }] });
  });

  test('a header at the limit is read, and a longer one is refused', () => {
    const { transport: strict } = transport({ maxCookieHeader: 128 });
    const cookie = `__Host-id=${text}; a=`.padEnd(128, 'x');
    expect(strict.read(exchange({ cookie })).tokens).toHaveLength(1);
    expect(() => strict.read(exchange({ cookie: `${cookie}x` }))).toThrow(
      "The request's Cookie header has 129 bytes, over the limit of 128. Set fewer cookies, or raise `maxCookieHeader`.",
    );
  });

  test('it is handed out and taken back with attributes that browsers keep, and never from a cache', () => {
    const [out, back] = [exchange(), exchange()];
    byCookie.send(out, token, undefined);
    byCookie.clear(back);
    expect(out.cookies).toEqual([`__Host-id=${text}; Path=/; HttpOnly; Secure; SameSite=Lax`]);
    expect(back.cookies).toEqual([expect.stringMatching(/^__Host-id=; Max-Age=0; Path=\/; .*HttpOnly; Secure/)]);
    expect([out.isCacheable, back.isCacheable]).toEqual([false, false]);
    expect([out.headers.size, back.headers.size]).toEqual([0, 0]);
  });
});

describe('by header', () => {
  const { transport: byHeader, warnings } = transport({
    transport: { header: 'X-Token' },
    cookie: { secure: true },
    permanent: { idleTimeout: 500 * DAY, absoluteTimeout: 500 * DAY },
  });

  test('a token is read from it, and from no cookie', () => {
    expect(byHeader.headerName).toBe('x-token');
    const cookie = `__Host-id=${text}`;
    expect(byHeader.read(exchange({ cookie }))).toEqual({ tokens: [] });
    expect(byHeader.read(exchange({ headers: { 'x-token': '' } }))).toEqual({ tokens: [] });
    expect(byHeader.read(exchange({ headers: { 'x-token': 'x' } }))).toEqual({ tokens: [], malformed: 'x' });
    const found = byHeader.read(exchange({ headers: { 'x-token': text } }));
    expect(found).toMatchObject({ tokens: [{ handle: token.handle }] });
    expect(byHeader.requestHeader(token, true)).toEqual(['x-token', text]);
  });

  test('it is handed out and taken back in it, without a cookie, and never from a cache', () => {
    const [out, back] = [exchange(), exchange()];
    byHeader.send(out, token, DAY);
    byHeader.clear(back);
    expect([out.headers.get('x-token'), back.headers.get('x-token')]).toEqual([text, '']);
    expect([...out.cookies, ...back.cookies]).toEqual([]);
    expect([out.isCacheable, back.isCacheable]).toEqual([false, false]);
  });

  test("the cookie's settings mean nothing: neither its age nor https", () => {
    byHeader.send(exchange({ secure: false }), token, 500 * DAY);
    expect(byHeader.canSend(exchange({ secure: false }))).toBe(true);
    expect(warnings).toEqual([]);
  });
});

describe('signed with the newest of several keys', () => {
  const [NEW, OLD] = ['n'.repeat(32), 'o'.repeat(32)];
  const signed = (key: string) => `${text}.${createHmac('sha256', key).update(`default\0${text}`).digest('base64url')}`;
  const { transport: withKeys } = transport({ secrets: [NEW, OLD] });

  test('a token goes out, and one of an older key comes in as stale', () => {
    const out = exchange();
    withKeys.send(out, token, undefined);
    expect(out.cookies[0]).toContain(`=${signed(NEW)};`);
    const read = (value: string) => withKeys.read(exchange({ cookie: `__Host-id=${value}` }));
    expect(read(signed(NEW))).toEqual({ tokens: [expect.not.objectContaining({ stale: true })] });
    expect(read(signed(OLD)).tokens).toEqual([expect.objectContaining({ handle: token.handle, stale: true })]);
    for (const forged of [text, signed('x'.repeat(32)), `${signed(NEW)}A`])
      expect(read(forged)).toEqual({ tokens: [], malformed: `__Host-id=${forged}` });
  });
});

describe('whether a token can reach the client', () => {
  test('it can until the headers have left', () => {
    const open = exchange();
    expect(transport().transport.canSend(open)).toBe(true);
    open.headersSent = true;
    expect(transport().transport.canSend(open)).toBe(false);
  });

  test.each([
    ['auto', true, true],
    ['auto', false, true],
    [false, false, true],
    [false, true, true],
    [true, true, true],
    [true, false, false],
  ] as const)('with cookie.secure %s and https %s: %s', (secure, https, can) => {
    const { transport: subject, warnings } = transport({ cookie: { secure } });
    expect(subject.canSend(exchange({ secure: https }))).toBe(can);
    subject.warnWhyNotSent(exchange({ secure: https }));
    expect(warnings).toHaveLength(can ? 0 : 1);
  });

  test.each([
    [{}, /and the request came over http: use https, or `cookie\.secure: 'auto'`\.$/],
    [{ 'x-forwarded-proto': 'http,https' }, /came over http/],
    [{ 'x-forwarded-proto': 'https' }, /X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy`/],
    [{ 'x-forwarded-proto': 'https,http' }, /the proxy is not trusted/],
  ])('it is explained why not, with %j', (headers, why) => {
    const { transport: subject, warnings } = transport({ cookie: { secure: true } });
    subject.warnWhyNotSent(exchange({ headers, secure: false }));
    expect(warnings).toEqual([expect.stringMatching(/^The session cookie can not be sent, and no session begins/)]);
    expect(warnings[0]).toMatch(why);
  });
});

describe('a warning', () => {
  test('is given where a proxy that is not trusted leaves the cookie without Secure', () => {
    const https = { 'x-forwarded-proto': 'https' };
    const warned = (secure: 'auto' | boolean, given: object) => {
      const { transport: subject, warnings } = transport({ cookie: { secure } });
      subject.send(exchange(given), token, undefined);
      return warnings;
    };
    expect(warned('auto', { secure: false, headers: https })).toEqual([
      expect.stringMatching(/^The session cookie is sent without Secure, .* X-Forwarded-Proto says https.*trustProxy/),
    ]);
    expect(warned('auto', { secure: true, headers: https })).toEqual([]);
    expect(warned('auto', { secure: false })).toEqual([]);
    expect(warned(false, { secure: false, headers: https })).toEqual([]);
  });

  test('is given for more than the 400 days that browsers keep a cookie, at start or later', () => {
    const limits = (days: number) => ({ permanent: { idleTimeout: days * DAY, absoluteTimeout: 900 * DAY } });
    expect(transport(limits(401)).warnings).toEqual([
      expect.stringMatching(/^A session may stay idle .*'400d' at most/),
    ]);
    const { transport: subject, warnings } = transport(limits(400));
    subject.send(exchange(), token, undefined);
    subject.send(exchange(), token, 400 * DAY);
    expect(warnings).toEqual([]);
    subject.send(exchange(), token, 400 * DAY + 1);
    expect(warnings).toHaveLength(1);
  });
});
