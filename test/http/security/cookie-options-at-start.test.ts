// What browsers would drop without a word stops the start, with the reason; what they would cut short is said in the log.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { startWire } from './support/wire.js';
import { startWorld } from './support/world.js';

const REFUSED: [name: string, cookie: object, option: string, fix: RegExp][] = [
  ['None without Secure', { sameSite: 'none' }, 'cookie.sameSite', /set `cookie\.secure: true`/],
  ['None with secure: false', { sameSite: 'none', secure: false }, 'cookie.sameSite', /set `cookie\.secure: true`/],
  ['Partitioned without Secure', { partitioned: true }, 'cookie.partitioned', /set `cookie\.secure: true`/],
  [
    'Partitioned with secure: false',
    { partitioned: true, secure: false },
    'cookie.partitioned',
    /`cookie\.secure: true`/,
  ],
  ['__Host- without Secure', { name: '__Host-sid' }, 'cookie.name', /set `cookie\.secure: true`/],
  ['__Host- with a path', { name: '__Host-sid', secure: true, path: '/app' }, 'cookie.name', /`__Host-` forbids/],
  [
    '__Host- with a domain',
    { name: '__Host-sid', secure: true, domain: 'a.example' },
    'cookie.name',
    /`__Host-` forbids/,
  ],
  ['__Secure- without Secure', { name: '__Secure-sid' }, 'cookie.name', /set `cookie\.secure: true`/],
  ['a name that leaves no room for the value', { name: 'n'.repeat(4096 - 59) }, 'cookie.name', /up to 256/],
  ['a path over 1,024 bytes', { path: `/${'p'.repeat(1024)}` }, 'cookie.path', /starts with '\/'/],
  ['a domain over 1,024 bytes', { domain: `${'d.'.repeat(512)}example` }, 'cookie.domain', /host name/],
  ['HttpOnly switched off', { httpOnly: false }, 'cookie.httpOnly', /There is no such option/],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each(REFUSED)('%s stops the start', async (_, cookie, option, fix) => {
    const start = startWire(platform, { sessions: { cookie } });
    await expect(start).rejects.toMatchObject({
      code: 'SESSION_OPTION_INVALID',
      message: expect.stringMatching(fix),
    });
    await expect(start).rejects.toThrow(`option \`${option}\` is `);
  });

  test('the longest name and the longest path fit into what browsers take, signed and persistent', async () => {
    const path = `/${'p'.repeat(1023)}`;
    const wire = await startWire(platform, {
      tls: true,
      sessions: { cookie: { name: 'n'.repeat(256), path }, secrets: ['k'.repeat(32)] },
    });
    const [header = ''] = (await wire.get('/remember')).cookies;
    const [pair = '', ...attributes] = header.split('; ');
    expect(pair.length).toBeLessThanOrEqual(4096);
    expect(attributes).toContain(`Path=${path}`);
    for (const attribute of attributes) expect(attribute.split('=')[1]?.length ?? 0).toBeLessThanOrEqual(1024);
  });

  const own = { absoluteTimeout: '800d' } as const;
  test.each<[name: string, permanent: SessionOptions['permanent'], maxAge: number, atStart: number]>([
    ['400 days', { ...own, idleTimeout: '400d' }, 34_560_000, 0],
    ['a millisecond more', { ...own, idleTimeout: 400 * 86_400_000 + 1 }, 34_560_000, 1],
    ['two years', { ...own, idleTimeout: '730d' }, 34_560_000, 1],
  ])('a cookie that is to last %s', async (_, permanent, maxAge, atStart) => {
    const wire = await startWire(platform, { sessions: { permanent: permanent! } });
    expect(wire.log.lines).toHaveLength(atStart);
    for (let round = 0; round < 2; round += 1)
      expect((await wire.get('/remember')).cookies).toEqual([expect.stringContaining(`; Max-Age=${maxAge};`)]);
    expect(wire.log.lines).toEqual(
      atStart ? [expect.stringMatching(/longer than 400 days.*Set `permanent\.idleTimeout`.* to '400d' at most/)] : [],
    );
  });

  test('a session that is given a longer time of its own is clamped too, which is said once', async () => {
    const world = await startWorld(platform, { permanent: { idleTimeout: '500d', absoluteTimeout: '800d' } });
    for (let round = 0; round < 2; round += 1) {
      const reply = await world.visit(world.client(), ({ session }) => {
        Object.assign(session, { a: 1, permanent: 500 * 86_400_000 });
      });
      expect(reply.cookies).toEqual([expect.stringContaining('; Max-Age=34560000;')]);
    }
    expect(world.app.log.lines).toEqual([expect.stringMatching(/what `session\.permanent` is given/)]);
  });

  test('nothing is said of cookies where the token is in a header', async () => {
    const wire = await startWire(platform, {
      sessions: { permanent: { idleTimeout: '730d', absoluteTimeout: '730d' }, transport: { header: 'x-token' } },
    });
    await wire.get('/remember');
    expect(wire.log.lines).toEqual([]);
  });
});
