// Sessions that the real other libraries have written, in a process of their own, are taken over on both platforms.
import { createSecretKey, randomBytes } from 'node:crypto';
import { fastify as createFastify, type FastifyPluginCallback } from 'fastify';
import { unsealData } from 'iron-session';
import Keygrip from 'keygrip';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SessionImporter } from '../../../lib/index.js';
import { fromConnectMongo, fromCookie, fromDocuments } from '../../../lib/moving-in/index.js';
import { unsign } from '../../../lib/moving-in/unsign.js';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';
import { DAY, MINUTE, startWorld } from '../../support/world.js';
import { type OldApp, visitOldApp } from './support/old-app.js';

/** Without its types: those of express-session, which come with them, declare `request.session` too. */
interface Adapter {
  readonly decrypt: (ciphertext: string) => Promise<string>;
}
interface ConnectMongo {
  readonly createKrupteinAdapter: (options: object) => Adapter;
  readonly createWebCryptoAdapter: (options: object) => Adapter;
}
const connectMongo: string = 'connect-mongo';
const { createKrupteinAdapter, createWebCryptoAdapter } = (await import(connectMongo)) as ConnectMongo;

/** Without its types as well. A Fastify of its own decrypts the cookies, on either platform: in the app, `request.session` is ours. */
interface SecureSessions {
  decodeSecureSession(cookie: string): { data(): object } | null;
}
const secureSession: string = '@fastify/secure-session';
const { default: plugin } = (await import(secureSession)) as { default: FastifyPluginCallback<{ key: Buffer }> };
const KEY = randomBytes(32).toString('base64');
const app = createFastify();
await app.register(plugin, { key: Buffer.from(KEY, 'base64') });
await app.ready();
const secureSessions = app as unknown as SecureSessions;

const { db, uri } = testDatabase();
const SECRET = 'the secret of the old app, and more of it';
const OLDER = 'an even older secret of the old application';
const data = { cart: ['tea', 'milk'], passport: { user: 'ada' }, 'a.b': { $x: 1 }, views: 3 };
const until = new Date(Date.now() + 60 * DAY);
const userId = ({ passport }: Record<string, unknown>) => (passport as { user?: unknown } | undefined)?.user;

interface Case {
  readonly old: Omit<OldApp, 'data' | 'collection' | 'uri' | 'count'>;
  readonly importer: (collection: string) => SessionImporter;
  readonly isPermanent?: boolean;
  readonly knowsCreation?: boolean;
}

const mongoCase = (
  shape: OldApp['shape'],
  more: object = {},
  old: Partial<OldApp> = {},
  rest: Partial<Case> = {},
): Case => ({
  old: { library: 'express-session', secrets: [SECRET], ...(shape && { shape }), ...old },
  importer: (collection) =>
    fromConnectMongo({ collection, cookie: 'connect.sid', secrets: [SECRET], until, userId, ...more }),
  ...rest,
});

const fastify = { library: '@fastify/session', name: 'sessionId' } as const;
const forFastify = { cookie: 'sessionId', cookieFormat: 'fastify' } as const;

const CASES: Record<string, Case> = {
  'connect-mongo, JSON': mongoCase(undefined),
  'connect-mongo, a persistent cookie': mongoCase(undefined, {}, { maxAge: 7 * DAY }, { isPermanent: true }),
  'connect-mongo, objects': mongoCase({ stringify: false }),
  'connect-mongo, objects and a persistent cookie': mongoCase(
    { stringify: false },
    {},
    { maxAge: 7 * DAY },
    { isPermanent: true },
  ),
  'connect-mongo, serialize and unserialize of the app': mongoCase(
    { reversed: true },
    { unserialize: ({ reversed }: { reversed: string }) => JSON.parse([...reversed].toReversed().join('')) as object },
  ),
  'connect-mongo, touchAfter': mongoCase({ touchAfter: 3600 }),
  'connect-mongo, timestamps': mongoCase({ timestamps: true }, {}, {}, { knowsCreation: true }),
  'connect-mongo, transformId': mongoCase({ transformId: 'sess:' }, { transformId: (sid: string) => `sess:${sid}` }),
  'connect-mongo, kruptein': mongoCase(
    { kruptein: SECRET },
    { decrypt: createKrupteinAdapter({ secret: SECRET }).decrypt },
  ),
  'connect-mongo, kruptein and objects': mongoCase(
    { kruptein: SECRET, stringify: false },
    { decrypt: createKrupteinAdapter({ secret: SECRET }).decrypt },
  ),
  'connect-mongo, the option crypto': mongoCase(
    { crypto: { secret: SECRET } },
    { decrypt: createKrupteinAdapter({ secret: SECRET }).decrypt },
  ),
  'connect-mongo, WebCrypto': mongoCase(
    { webCrypto: SECRET },
    { decrypt: createWebCryptoAdapter({ secret: SECRET }).decrypt },
  ),
  'connect-mongo, WebCrypto, objects, timestamps and touchAfter': mongoCase(
    { webCrypto: SECRET, stringify: false, timestamps: true, touchAfter: 60 },
    { decrypt: createWebCryptoAdapter({ secret: SECRET }).decrypt },
    {},
    { knowsCreation: true },
  ),
  'connect-mongo, signed with an older secret': mongoCase(
    undefined,
    { secrets: [SECRET, OLDER] },
    { secrets: [OLDER, SECRET] },
  ),
  'connect-mongo, a cookie of another name': mongoCase(undefined, { cookie: 'old' }, { name: 'old' }),
  'nestjs-session': mongoCase(undefined, {}, { library: 'nestjs-session' }),
  '@fastify/session': mongoCase(undefined, forFastify, fastify),
  '@fastify/session, a persistent cookie': mongoCase(
    undefined,
    forFastify,
    { ...fastify, maxAge: 7 * DAY },
    { isPermanent: true },
  ),
  '@fastify/session, objects': mongoCase({ stringify: false }, forFastify, fastify),
  '@fastify/session, a prefix': mongoCase(
    undefined,
    { ...forFastify, cookiePrefix: 's:' },
    { ...fastify, cookiePrefix: 's:' },
  ),
  'connect-mongodb-session': {
    old: { library: 'connect-mongodb-session', secrets: [SECRET], maxAge: 7 * DAY },
    importer: (collection) =>
      fromDocuments({
        ...{ collection, cookie: 'connect.sid', secrets: [SECRET], until, userId },
        idOf: (value) => unsign(value.slice(2), [createSecretKey(Buffer.from(SECRET))]),
        decode: ({ session: { cookie, ...kept }, expires }) => ({
          data: kept as object,
          maxAge: (cookie as { originalMaxAge: number }).originalMaxAge,
          expiresAt: expires as Date,
        }),
      }),
    isPermanent: true,
  },
  'cookie-session': {
    old: { library: 'cookie-session', secrets: [SECRET] },
    importer() {
      const keys = new Keygrip([SECRET]);
      return fromCookie({
        ...{ cookie: ['session', 'session.sig'], secrets: [SECRET], until, userId },
        decode([value = '', signature = '']) {
          if (!keys.verify(`session=${value}`, signature)) return undefined;
          return { data: JSON.parse(Buffer.from(value, 'base64').toString()) as object };
        },
      });
    },
  },
  '@fastify/secure-session': {
    old: { library: '@fastify/secure-session', secrets: [KEY], name: 'secure' },
    importer: () =>
      fromCookie({
        ...{ cookie: 'secure', secrets: [SECRET], until, userId },
        decode([sealed = '']) {
          const [text, nonce] = sealed.split(';').map((part) => Buffer.from(part, 'base64').toString('base64'));
          if (sealed !== `${text};${nonce}`) return undefined;
          const opened = secureSessions.decodeSecureSession(sealed);
          return opened ? { data: opened.data() } : undefined;
        },
      }),
  },
  'iron-session': {
    old: { library: 'iron-session', secrets: [SECRET], name: 'iron' },
    importer: () =>
      fromCookie({
        ...{ cookie: 'iron', secrets: [SECRET], until, userId },
        async decode([seal = '']) {
          if (!/^[^~]+~2$/.test(seal)) return undefined;
          const opened = await unsealData<object>(seal, { password: SECRET });
          return Object.keys(opened).length > 0 ? { data: opened } : undefined;
        },
      }),
  },
};

/** Whose sessions are in the cookie itself. */
const SEALED: readonly OldApp['library'][] = ['cookie-session', '@fastify/secure-session', 'iron-session'];

describe.each(Object.entries(CASES))('%s', (name, { old, importer, isPermanent = false, knowsCreation = false }) => {
  const collection = `old_${name.replaceAll(/\W+/g, '_')}`;
  let browsers: string[][];
  beforeAll(async () => {
    browsers = await visitOldApp({ ...old, uri, collection, data, count: 3 });
  }, 60_000);

  test.each(PLATFORMS)('moves in with all that it has, and once, on %s', async (platform) => {
    const world = await startWorld(platform, {
      collection: `new_${collection}_${platform}`,
      db,
      movingIn: [importer(collection)],
    });
    const cookies = browsers[PLATFORMS.indexOf(platform)]!;
    const browser = world.client();
    for (const pair of cookies) browser.jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    const seen = await world.ask(browser, ({ session }) => ({
      data: { ...session },
      user: session.userId,
      idleTime: session.permanent,
      authenticatedAt: session.authenticatedAt?.getTime(),
    }));
    expect(seen).toMatchObject({ data, user: 'ada' });
    const { authenticatedAt, idleTime } = seen as { authenticatedAt: number; idleTime: number | false };
    // Some libraries store a millisecond less.
    if (isPermanent) expect(7 * DAY - Number(idleTime)).toBeLessThan(1000);
    else expect(idleTime).toBe(false);
    if (knowsCreation) expect(Date.now() - authenticatedAt).toBeLessThan(10 * MINUTE);
    else expect(authenticatedAt).toBe(0);
    // The old cookies are gone, the new one opens the session, and the original is no more.
    expect([...browser.jar.keys()]).toEqual(['id']);
    expect(await world.dataOf(browser)).toEqual(data);
    expect(world.eventTypes()).toEqual(['movedIn']);
    if (!SEALED.includes(old.library))
      expect(await db.collection(collection).countDocuments()).toBe(2 - PLATFORMS.indexOf(platform));
  });
});
