// A cookie for https only on a request that is none: nothing begins that could not go on, and one warning says why.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/http.js';
import { startWire } from './support/wire.js';

const secure = { cookie: { secure: true } } as const;

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each([
    ['over plain http', {}, /the request came over http: use https, or `cookie.secure: 'auto'`/],
    [
      'behind a proxy that is not trusted',
      { 'x-forwarded-proto': 'https' },
      /X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy` \(Express\) or `trustProxy` \(Fastify\)/,
    ],
  ])('%s there is no cookie, no document, and one warning with the cause', async (_, headers, cause) => {
    const wire = await startWire(platform, { sessions: secure });
    for (const path of ['/fill', '/login', '/remember', '/fill']) {
      const reply = await wire.get(path, headers);
      expect([reply.status, reply.cookies]).toEqual([200, []]);
    }
    expect(wire.store.memory.size).toBe(0);
    expect(wire.store.takeCalls()).toEqual([]);
    expect(wire.log.lines).toEqual([expect.stringMatching(cause)]);
    expect(wire.log.lines[0]).toContain('no session begins');
  });

  test('a request that only looks, or does not even that, is no reason to warn', async () => {
    const wire = await startWire(platform, { sessions: secure });
    await wire.get('/see');
    await wire.get('/absent');
    expect(wire.log.lines).toEqual([]);
  });

  test('the same app serves those who come by https, whatever the others did', async () => {
    const wire = await startWire(platform, { sessions: secure, trustProxy: true });
    expect((await wire.get('/fill')).cookies).toEqual([]);
    expect((await wire.get('/fill', { 'x-forwarded-proto': 'https' })).cookies).toHaveLength(1);
    expect((await wire.get('/fill', { 'x-forwarded-proto': 'http' })).cookies).toEqual([]);
    expect(wire.store.memory.size).toBe(1);
  });

  test('with TLS of its own it needs no proxy', async () => {
    const wire = await startWire(platform, { sessions: secure, tls: true });
    expect((await wire.get('/fill')).cookies).toEqual([expect.stringMatching(/^__Host-id=/)]);
    expect(wire.log.lines).toEqual([]);
  });

  test("with 'auto', what an untrusted proxy says counts for nothing, neither for the name nor for Secure", async () => {
    const wire = await startWire(platform);
    for (const headers of [
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-proto': 'https, http' },
      { forwarded: 'proto=https' },
      { 'x-forwarded-ssl': 'on' },
      { 'front-end-https': 'on' },
    ]) {
      const reply = await wire.get('/fill', headers);
      expect(reply.cookies).toEqual([expect.stringMatching(/^id=[\w-]{59}; Path=\/; HttpOnly; SameSite=Lax$/)]);
    }
    const cause =
      /sent without Secure, .*X-Forwarded-Proto says https, but the proxy is not trusted: set `trust proxy`/;
    expect(wire.log.lines).toEqual([expect.stringMatching(cause)]);
  });

  test.each([
    ['auto', {}, {}],
    ['auto', { trustProxy: true }, { 'x-forwarded-proto': 'https' }],
    [false, {}, { 'x-forwarded-proto': 'https' }],
  ] as const)('with %j and %j, a request with %j is no reason to warn', async (wanted, way, headers) => {
    const wire = await startWire(platform, { ...way, sessions: { cookie: { secure: wanted } } });
    expect((await wire.get('/fill', { ...headers })).cookies).toHaveLength(1);
    expect(wire.log.lines).toEqual([]);
  });
});
