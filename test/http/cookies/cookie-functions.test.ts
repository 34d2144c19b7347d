// `cookie.secure`, `sameSite`, `path` and `domain` as functions of the request, and `sameSite: 'auto'`.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { startWorld, tokenOf } from '../../support/world.js';
import { MongoSessions, type SessionOptions } from '../../../lib/index.js';

interface AnyRequest {
  readonly headers: Record<string, unknown>;
  readonly hostname: string;
}

const from = (host: string) => ({ headers: { host } });

describe.each(PLATFORMS)('functions of the request among the options of the cookie on %s', (platform) => {
  const start = (cookie: SessionOptions['cookie']) =>
    startWorld(platform, { cookie: cookie! }, { trustProxy: 'loopback' });

  test('are called once a request, with the request of the platform', async () => {
    const hosts: string[] = [];
    const domain = ({ hostname }: AnyRequest) => {
      hosts.push(hostname);
      return hostname.split('.').slice(-2).join('.');
    };
    const world = await start({ domain, path: () => '/', sameSite: () => 'strict' });
    const browser = world.client();
    const { cookies } = await world.visit(
      browser,
      ({ session }) => void (session['a'] = 1),
      from('a.example.com:8080'),
    );
    expect(cookies).toEqual([
      expect.stringMatching(/^id=.{59}; Domain=example\.com; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(await world.ask(browser, ({ session }) => session.cookie.domain, from('b.example.com'))).toBe('example.com');
    const removed = await world.visit(browser, ({ session }) => session.destroy(), from('b.example.com'));
    expect(removed.cookies).toEqual([expect.stringMatching(/^id=; Max-Age=0; Domain=example\.com; Path=\/;/)]);
    expect(hosts).toEqual(['a.example.com', 'b.example.com', 'b.example.com']);
  });

  test('are not called where there is no request, as in a job', async () => {
    const world = await start({ domain: ({ hostname }: AnyRequest) => hostname.toLowerCase() });
    const browser = world.client();
    const handle = await world.ask(browser, ({ session }) => {
      session['a'] = 1;
      return session.handle;
    });
    const read = await world.app.nest.get(MongoSessions).read(handle as string);
    expect(read?.cookie.domain).toBe(undefined);
  });

  test('get the headers of the handshake of a socket', async () => {
    const hosts: unknown[] = [];
    const domain = ({ headers }: AnyRequest) => void hosts.push(headers['host']);
    const world = await start({ domain: domain as () => undefined, secure: () => false });
    const browser = await world.browserWith({ a: 1 });
    const headers = { cookie: `id=${tokenOf(browser)}`, host: 'ws.example.com' };
    const request = { url: '/', headers, rawHeaders: Object.entries(headers).flat(), socket: {} };
    const { middleware } = world.app.nest.get(MongoSessions);
    await new Promise<void>((resolve) => middleware(request as never, {}, () => resolve()));
    expect((request as { session?: unknown }).session).toMatchObject({ a: 1 });
    expect(hosts).toContain('ws.example.com');
  });

  test('give a name that a cookie with a domain may have on https', async () => {
    const world = await start({ domain: () => undefined });
    const { cookies } = await world.visit(world.client(), ({ session }) => void (session['a'] = 1), {
      headers: { 'x-forwarded-proto': 'https' },
    });
    expect(cookies[0]).toMatch(/^__Secure-id=.*; Secure/);
  });

  test.each<[what: string, cookie: SessionOptions['cookie'], message: RegExp]>([
    [
      'a domain of another host',
      { domain: () => 'example.org' },
      /`cookie.domain` is "example.org". The host of the request is not below it/,
    ],
    ['a wrong path', { path: () => 'app' }, /`cookie.path` is "app". Give a path/],
    ['a promise', { path: (async () => '/') as unknown as () => string }, /`cookie.path` is an instance of Promise/],
    ['None without Secure', { sameSite: () => 'none' }, /set `cookie.secure: true`/],
    [
      'what it throws',
      {
        secure: () => {
          throw new Error('no host');
        },
      },
      /no host/,
    ],
  ])('fail a request that needs its session with a 500: %s', async (_, cookie, message) => {
    const world = await start(cookie);
    const { status, body } = await world.visit(
      world.client(),
      ({ session }) => void (session['a'] = 1),
      from('a.example.com'),
    );
    expect(status).toBe(500);
    expect(body).not.toMatch(message);
    expect(world.app.log.lines).toContainEqual(expect.stringMatching(message));
    expect(world.events).toEqual([]);
    expect((await world.visit(world.client(), () => 'seen', from('a.example.com'))).status).toBe(200);
  });

  test.each<[protocol: string, secure: 'auto' | false, expected: string]>([
    ['https', 'auto', 'Secure; SameSite=None'],
    ['http', 'auto', 'HttpOnly; SameSite=Lax'],
    ['https', false, 'HttpOnly; SameSite=Lax'],
  ])("sameSite: 'auto' on %s with secure: %s is %s", async (protocol, secure, expected) => {
    const world = await start({ sameSite: 'auto', secure });
    const headers = { 'x-forwarded-proto': protocol };
    const { cookies } = await world.visit(world.client(), ({ session }) => void (session['a'] = 1), { headers });
    expect(cookies[0]).toMatch(new RegExp(`; ${expected}$`));
  });
});
