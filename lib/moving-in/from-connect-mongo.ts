import { oneOf, optionError } from '../core/option-checks.js';
import type { DriverCollection } from '../core/options/driver-types.js';
import type { OldSession, SessionImporter } from '../core/options/session-importer.interface.js';
import { collectionAt } from './from-documents.js';
import { type CookieOption, type ImporterOptions, commonOptions, functionAt } from './importer-options.js';
import { unsign } from './unsign.js';

/** What `fromConnectMongo()` needs to know of the old app. */
export interface ConnectMongoOptions extends ImporterOptions {
  /** Its `collectionName`, in the database of the module, or a collection of the driver. */
  readonly collection: string | DriverCollection;
  /**
   * The cookie's name: `'connect.sid'` unless express-session was told another one, `'sessionId'`
   * with @fastify/session.
   */
  readonly cookie: CookieOption;
  /**
   * Which library has set the cookie: express-session (nestjs-session too) or @fastify/session.
   * @default 'express'
   */
  readonly cookieFormat?: 'express' | 'fastify';
  /** The option `cookiePrefix` of @fastify/session. @default '' */
  readonly cookiePrefix?: string;
  /** As connect-mongo was given it. */
  readonly transformId?: (sid: string) => string;
  /**
   * Decrypts the field `session`, if connect-mongo was given `crypto` or a `cryptoAdapter`:
   * `createKrupteinAdapter({ secret }).decrypt`, or that of your adapter.
   */
  readonly decrypt?: (ciphertext: string) => string | Promise<string>;
  /** As connect-mongo was given it. @default JSON is parsed, and objects are taken as they are */
  readonly unserialize?: (payload: any) => object; // oxlint-disable-line typescript/no-explicit-any
}

const OPTIONS = ['collection', 'cookieFormat', 'cookiePrefix', 'transformId', 'decrypt', 'unserialize'];
/** connect-mongo and kruptein have encoded texts as JSON twice, and once more since version 3. */
const MAX_ENCODINGS = 5;

/**
 * Sessions of express-session or @fastify/session that connect-mongo has stored. For the option
 * `movingIn`.
 *
 * ```ts
 * fromConnectMongo({
 *   collection: 'sessions',
 *   cookie: 'connect.sid',
 *   secrets: [OLD_SECRET],
 *   until: '2027-02-01',
 * });
 * ```
 *
 * @throws `SESSION_OPTION_INVALID`
 */
export function fromConnectMongo(options: ConnectMongoOptions): SessionImporter {
  const common = commonOptions('fromConnectMongo', options, OPTIONS);
  const { collection, cookieFormat = 'express', cookiePrefix = '', transformId, decrypt, unserialize } = options;
  oneOf('fromConnectMongo.cookieFormat', cookieFormat, ['express', 'fastify']);
  if (typeof cookiePrefix !== 'string' || (cookiePrefix !== '' && cookieFormat === 'express'))
    throw optionError(
      'fromConnectMongo.cookiePrefix',
      cookiePrefix,
      "It is a text, and goes with `cookieFormat: 'fastify'`.",
    );
  functionAt('fromConnectMongo.transformId', transformId);
  functionAt('fromConnectMongo.decrypt', decrypt);
  functionAt('fromConnectMongo.unserialize', unserialize);
  const prefix = cookieFormat === 'express' ? 's:' : cookiePrefix;
  return Object.freeze({
    ...common,
    format: `${cookieFormat} ${cookiePrefix}`,
    stored: {
      collection: collectionAt('fromConnectMongo', collection),
      idField: '_id',
      idOf(value) {
        if (!value.startsWith(prefix)) return undefined;
        const sid = unsign(value.slice(prefix.length), common.secrets);
        return sid === undefined || !transformId ? sid : transformId(sid);
      },
      decode: (document: Record<string, unknown>) => decode(document, decrypt, unserialize),
    },
  } satisfies SessionImporter);
}

async function decode(
  { session, expires, createdAt }: Record<string, unknown>,
  decrypt: ConnectMongoOptions['decrypt'],
  unserialize: ConnectMongoOptions['unserialize'],
): Promise<OldSession | undefined> {
  const opened = decrypt && typeof session === 'string' ? parse(await decrypt(session), !unserialize) : session;
  const decoded: unknown = unserialize ? unserialize(opened) : parse(opened, true);
  if (typeof decoded !== 'object' || decoded === null || Array.isArray(decoded)) return undefined;
  // connect-mongo opens none of these, because to MongoDB nothing else is later than a date.
  if (expires !== undefined && !(expires instanceof Date)) return undefined;
  const { cookie, ...data } = decoded as Record<string, unknown>;
  // Every session of theirs has one. What has none is still encrypted, or serialized by the app,
  // and would be lost if it was taken for data.
  if (!unserialize && (typeof cookie !== 'object' || cookie === null)) return undefined;
  const { originalMaxAge } = (cookie ?? {}) as { originalMaxAge?: unknown };
  return {
    data,
    maxAge: typeof originalMaxAge === 'number' ? originalMaxAge : null,
    ...(expires && { expiresAt: expires }),
    ...(createdAt instanceof Date && { createdAt }),
  };
}

/**
 * What JSON stands for, however often it was encoded. A function of the app's own gets what
 * connect-mongo would give it.
 */
function parse(payload: unknown, isRepeated: boolean): unknown {
  let parsed = payload;
  for (let n = 0; n < (isRepeated ? MAX_ENCODINGS : 1) && typeof parsed === 'string'; n++) {
    try {
      parsed = JSON.parse(parsed);
    } catch (error) {
      if (isRepeated) throw error;
    }
  }
  return parsed;
}
