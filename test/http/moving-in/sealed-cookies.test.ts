// Cookies that hold the session: other spellings of a seal, and cookies that strangers have in common because they are only signed.
import { randomBytes } from 'node:crypto';
import { fastify as createFastify, type FastifyPluginCallback } from 'fastify';
import { sealData, unsealData } from 'iron-session';
import Keygrip from 'keygrip';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, type SessionOptions } from '../../../lib/index.js';
import { fromCookie } from '../../../lib/moving-in/index.js';
import { PLATFORMS, type Platform } from '../../support/app.js';
import { DAY, startWorld } from '../../support/world.js';
import { until } from './support/old-sessions.js';

/** Without its types, which declare `request.session` too. */
interface SecureSessions {
  createSecureSession(data: object): object;
  encodeSecureSession(session: object): string;
  decodeSecureSession(cookie: string): { data(): object } | null;
}
const secureSession: string = '@fastify/secure-session';
const { default: plugin } = (await import(secureSession)) as { default: FastifyPluginCallback<{ key: Buffer }> };
const app = createFastify();
await app.register(plugin, { key: randomBytes(32) });
await app.ready();
const secure = app as unknown as SecureSessions;

const SECRET = 'the secret of the old app, and more of it';
const keys = new Keygrip([SECRET]);
const userId = ({ passport }: Record<string, unknown>) => (passport as { user?: unknown } | undefined)?.user;
const shared = { secrets: [SECRET], until, userId };

/** As docs/32-moving-in.md has them. */
const SOURCES = {
  'cookie-session': fromCookie({
    ...{ ...shared, cookie: ['session', 'session.sig'] },
    decode: ([value = '', signature = '']) =>
      keys.verify(`session=${value}`, signature)
        ? { data: JSON.parse(Buffer.from(value, 'base64').toString()) as object }
        : undefined,
  }),
  'iron-session': fromCookie({
    ...{ ...shared, cookie: 'iron' },
    async decode([seal = '']) {
      if (!/^[^~]+~2$/.test(seal)) return undefined;
      return { data: await unsealData<object>(seal, { password: SECRET }) };
    },
  }),
  '@fastify/secure-session': fromCookie({
    ...{ ...shared, cookie: 'secure' },
    decode([sealed = '']) {
      const [data, nonce] = sealed.split(';').map((part) => Buffer.from(part, 'base64').toString('base64'));
      if (sealed !== `${data};${nonce}`) return undefined;
      const opened = secure.decodeSecureSession(sealed)?.data();
      return opened && { data: opened };
    },
  }),
};
type Library = keyof typeof SOURCES;
const LIBRARIES = Object.keys(SOURCES) as Library[];

/** The cookies that the library gives a browser with these data. */
async function cookiesOf(library: Library, data: object): Promise<Record<string, string>> {
  if (library === 'iron-session') return { iron: await sealData(data, { password: SECRET }) };
  if (library === '@fastify/secure-session')
    return { secure: secure.encodeSecureSession(secure.createSecureSession(data)) };
  const session = Buffer.from(JSON.stringify(data)).toString('base64');
  return { session, 'session.sig': keys.sign(`session=${session}`) };
}

async function start(platform: Platform, library: Library, options: SessionOptions = {}) {
  const world = await startWorld(platform, {
    store: new MemorySessionStore(),
    movingIn: [SOURCES[library]],
    ...options,
  });
  const browserOf = (cookies: Record<string, string>, spell = (text: string) => text) => {
    const browser = world.client();
    for (const [name, text] of Object.entries(cookies)) browser.jar.set(name, encodeURIComponent(spell(text)));
    return browser;
  };
  return { world, browserOf };
}

describe.each(PLATFORMS)('movingIn with fromCookie() on %s', (platform) => {
  test.each(LIBRARIES)('opens nothing after the logout, however a seal of %s is spelled', async (library) => {
    const { world, browserOf } = await start(platform, library);
    const cookies = await cookiesOf(library, { passport: { user: 'ada' } });
    await world.visit(browserOf(cookies), ({ session }) => session.logout());
    expect(world.eventTypes()).toEqual(['movedIn', 'destroyed']);
    const ends = ['', '~', '~2', '~x', '~1', ';', ';x', '=', ' ', 'x', '.'];
    const spellings = ends.map((end) => (text: string) => text + end);
    spellings.push(
      (text) => text.replace(/~2$/, ''),
      (text) => text.replaceAll('=', ''),
      (text) => ` ${text}`,
    );
    for (const spell of spellings) expect(await world.isAlive(browserOf(cookies, spell))).toBe(false);
  });

  test('lets strangers share no session because their signed cookies are the same', async () => {
    const { world, browserOf } = await start(platform, 'cookie-session');
    const cookies = await cookiesOf('cookie-session', { lang: 'en' });
    const [one, other, late] = [browserOf(cookies), browserOf(cookies), browserOf(cookies)];
    await Promise.all([one, other].map((browser) => world.visit(browser, ({ session }) => session['lang'])));
    await world.visit(one, ({ session }) => void (session['userId of the app'] = 7));
    for (const stranger of [other, late]) expect(await world.dataOf(stranger)).toEqual({ lang: 'en' });
    await world.visit(one, ({ session }) => session.logout());
    expect(await world.isAlive(other)).toBe(true);
    expect(await world.dataOf(browserOf(cookies))).toEqual({ lang: 'en' });
  });

  test('is permanent as new sessions are, if nobody says how long the cookie lasted', async () => {
    const permanent = { always: true, idleTimeout: '7d' } as const;
    const { world, browserOf } = await start(platform, 'iron-session', { permanent });
    const browser = browserOf(await cookiesOf('iron-session', { a: 1 }));
    const reply = await world.visit(browser, ({ session }) => session.permanent);
    expect(JSON.parse(reply.body)).toBe(7 * DAY);
    expect(reply.cookies[0]).toContain('Max-Age=604800');
  });

  test.each([5, '2020-01-01', new Date(NaN), {}])('refuses an end of %j, which would never come', async (expiresAt) => {
    const source = fromCookie({
      ...{ ...shared, cookie: 'old' },
      decode: () => ({ data: { a: 1 }, expiresAt: expiresAt as Date }),
    });
    const { world, browserOf } = await start(platform, 'iron-session', { movingIn: [source] });
    expect(await world.isAlive(browserOf({ old: 'x' }))).toBe(false);
    expect(world.events).toEqual([expect.objectContaining({ type: 'notMovedIn', reason: 'undecodable' })]);
  });
});
