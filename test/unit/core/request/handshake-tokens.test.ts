// Which session a socket gets: the tokens of the request that opened its connection.
import { describe, expect, test } from 'vitest';
import type { Handshake } from '../../../../lib/core/request/detached-exchange.js';
import { readHandshakeTokens } from '../../../../lib/core/request/handshake-tokens.js';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';
import { refusalOf } from '../../../support/core/refusal.js';
import { World } from '../../../support/core/world.js';

const token = createToken(Date.UTC(2030, 0));
const cookie = `__Host-id=${formatToken(token)}`;
const ADDRESS = '192.0.2.1';

/** Reads the tokens of a handshake over https with `shop.example`, whose session cookie is good. */
function read(given: Partial<Handshake> = {}, options: SessionOptions = {}) {
  const world = new World(options);
  const { headers, ...rest } = given;
  const handshake = {
    secure: true,
    remoteAddress: ADDRESS,
    host: 'shop.example',
    ...rest,
    headers: { cookie, ...headers },
  };
  const handles = readHandshakeTokens(world.registration, handshake).map(({ handle }) => handle);
  return { world, handles };
}

const from = (origin: string | string[]) => ({ headers: { origin } });
const opened = [token.handle];

describe('a handshake', () => {
  test('from no browser, so without an Origin, has the session of its cookie', () => {
    const { world, handles } = read();
    expect(handles).toEqual(opened);
    expect(world.events).toEqual([]);
  });

  test('from a page of the same host has the session of its cookie', () => {
    expect(read(from('https://shop.example')).handles).toEqual(opened);
    expect(read({ ...from('https://shop.example:8443'), host: 'shop.example:8443' }).handles).toEqual(opened);
  });

  test('from a page of the same host over http has the session of its cookie', () => {
    const headers = { cookie: cookie.replace('__Host-', ''), origin: 'http://shop.example' };
    expect(read({ headers, secure: false }).handles).toEqual(opened);
  });

  test('without a cookie has no session, and nothing is reported, wherever it comes from', () => {
    const { world, handles } = read({ headers: { cookie: undefined, origin: 'https://evil.example' } });
    expect([handles, world.events]).toEqual([[], []]);
  });

  test.each<[string, string | string[]]>([
    ['another site', 'https://evil.example'],
    ['another port', 'https://shop.example:8443'],
    ['http on an https host', 'http://shop.example'],
    ['a sandboxed frame', 'null'],
    ['several origins', ['https://shop.example', 'https://evil.example']],
  ])('from %s has no session, and is reported as rejected for its origin', (_, origin) => {
    const { world, handles } = read(from(origin));
    expect(handles).toEqual([]);
    expect(world.events).toMatchObject([
      { type: 'rejected', reason: 'origin', handle: token.handle, address: ADDRESS, unknownTokens: 0 },
    ]);
  });

  test('from a page on https has no session where the host was asked over http', () => {
    const headers = { cookie: cookie.replace('__Host-', ''), origin: 'https://shop.example' };
    const { world, handles } = read({ headers, secure: false });
    expect([handles, world.events.length]).toEqual([[], 1]);
  });

  test('from a page has no session where the host is not known', () => {
    const { world, handles } = read({ ...from('https://shop.example'), host: undefined });
    expect([handles, world.events.length]).toEqual([[], 1]);
    expect(read({ host: undefined }).handles).toEqual(opened);
  });

  test('from an origin in the option `sockets.origins` has the session of its cookie', () => {
    const options = { sockets: { origins: ['https://app.example'] } };
    expect(read(from('https://app.example'), options).handles).toEqual(opened);
    expect(read(from('https://evil.example'), options).handles).toEqual([]);
  });

  test('with a malformed token has no session, and is reported with its address', () => {
    const { world, handles } = read({ headers: { cookie: '__Host-id=x' } });
    expect(handles).toEqual([]);
    expect(world.events).toMatchObject([{ type: 'rejected', reason: 'malformed', address: ADDRESS, unknownTokens: 1 }]);
  });

  test('with a malformed token of another site is reported once', () => {
    const { world } = read({ headers: { cookie: '__Host-id=x', origin: 'https://evil.example' } });
    expect(world.events).toHaveLength(1);
  });

  test('with a token in a header has its session from any origin, because no browser sends that by itself', () => {
    const headers = { cookie: undefined, 'x-session': formatToken(token), origin: 'https://evil.example' };
    const { world, handles } = read({ headers }, { transport: { header: 'X-Session' } });
    expect([handles, world.events]).toEqual([opened, []]);
  });

  test('on an excluded path throws SESSION_EXCLUDED, which names the pattern', () => {
    const message = refusalOf('SESSION_EXCLUDED', () => read({ excludedBy: '/health/*' }));
    expect(message).toContain("The option `exclude` has '/health/*', which matches this path");
  });

  test('with too long a cookie header throws SESSION_COOKIE_TOO_LONG', () => {
    refusalOf('SESSION_COOKIE_TOO_LONG', () =>
      read({ headers: { cookie: cookie.padEnd(1001, '; a') } }, { maxCookieHeader: 1000 }),
    );
  });
});
