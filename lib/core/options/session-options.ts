import type { Clock } from '../clock.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';
import type { EncryptionOptions } from '../encryption/encryption-options.js';
import type { Duration } from '../duration.js';
import type { DriverClient, DriverCollection, DriverDb, MongooseConnection } from './driver-types.js';
import type { SessionProfile } from './session-profiles.js';

/** The cookie that carries the token. It is always HttpOnly. */
export class SessionCookieOptions {
  /**
   * The cookie's name.
   * @default `'__Host-id'` on https, `'id'` on http (a registration with a `name` of its own uses that instead of `id`;
   * with a `domain` or `path` the prefix is `__Secure-`)
   */
  name?: string;

  /**
   * Whether the cookie goes over https only. `'auto'` follows the request's protocol as the platform trusts it
   * (Express `trust proxy`, Fastify `trustProxy`).
   * @default 'auto'
   */
  secure?: 'auto' | boolean = 'auto';

  /** When other sites' requests carry the cookie. `'none'` needs `secure: true`. @default 'lax' */
  sameSite?: 'lax' | 'strict' | 'none' = 'lax';

  /** Hosts below this domain get the cookie too. @default the answering host only */
  domain?: string;

  /** Only URLs below this path get the cookie. @default '/' */
  path?: string = '/';

  /** A separate cookie for every site that embeds yours (CHIPS). Needs `secure: true`. @default false */
  partitioned?: boolean = false;

  /** Which cookies a full browser drops first (Chromium only). @default the browser's own choice */
  priority?: 'low' | 'medium' | 'high';
}

/** Limits of sessions that outlive the browser (`session.permanent`). */
export class PermanentOptions {
  /** Idle time with `session.permanent = true`. @default '14d' */
  idleTimeout?: Duration = '14d';

  /** No persistent session lives longer than this, whatever is done with it. @default '90d' */
  absoluteTimeout?: Duration = '90d';
}

/** Everything that can be set. Durations are milliseconds, or a number with a unit: `'500ms'`, `'30s'`, `'30m'`, `'12h'`, `'14d'`. */
export class SessionOptions {
  /** Name of this registration, for apps with several: `@Session({ name: 'admin' })`. @default 'default' */
  name?: string = 'default';

  /** Where sessions are kept: the name of a collection, or a collection of the native driver. Required unless `store` is given. */
  collection?: string | DriverCollection;

  /** Name of the `@nestjs/mongoose` connection to use. @default the default connection */
  connectionName?: string;

  /** A mongoose connection to use. */
  connection?: MongooseConnection;

  /** A `MongoClient` of the native driver to use; `dbName` picks its database. */
  client?: DriverClient;

  /** A `Db` of the native driver to use. */
  db?: DriverDb;

  /** Address of a MongoDB to connect to. The only connection that the module closes at shutdown, for it opened it. */
  uri?: string;

  /** Database, with `client` or `uri`. @default the one that the connection string names */
  dbName?: string;

  /** A store of your own in place of MongoDB (tests use the in-memory one). */
  store?: SessionStore;

  /**
   * A set of time limits that a standard asks for; each of them can still be set by itself. See `SESSION_PROFILES`.
   * @default none: the defaults below
   */
  profile?: SessionProfile;

  /** A session that is not used for so long ends. @default '30m' */
  idleTimeout?: Duration = '30m';

  /** A session ends so long after its beginning or its last login, whatever is done with it. @default '12h' */
  absoluteTimeout?: Duration = '12h';

  /** Limits of sessions that outlive the browser. */
  permanent?: PermanentOptions = new PermanentOptions();

  /** A token is replaced by a new one when it is so old. Nobody is logged out by it. @default never */
  renewAfter?: Duration;

  /** How long a replaced token lives on for requests under way, from when the new one is first used. @default '1m' */
  renewGrace?: Duration = '1m';

  /**
   * What a replaced token does that comes after its grace, besides the event `reused`: nothing, or `'end'`: it ends the session,
   * because either its owner or a thief has come with an old copy. A client that lost a new token is logged out by that too.
   * @default 'ignore'
   */
  onReusedToken?: 'ignore' | 'end' = 'ignore';

  /** The cookie that carries the token. */
  cookie?: SessionCookieOptions = new SessionCookieOptions();

  /**
   * Keys that sign the cookie (HMAC-SHA256), each of at least 32 characters or 16 random bytes. The newest stands first and
   * signs, all of them verify; a cookie signed with an old one is signed anew with the next answer. An invented cookie then
   * never reaches the database.
   * @default none: cookies are not signed
   */
  secrets?: readonly (string | Uint8Array)[] = [];

  /**
   * Where the token travels: in the cookie, or for clients without cookies in a header of that name, in both directions
   * (an empty one in an answer: forget it). Never in a URL or body.
   * @default 'cookie'
   */
  transport?: 'cookie' | { header: string } = 'cookie';

  /** Encrypts the data in the database. @default none */
  encryption?: EncryptionOptions;

  /**
   * Paths that have no session: no read, and `request.session` throws there. A string is a whole path, in which `*` stands
   * for anything (`'/assets/*'`); query strings don't count.
   * @default []
   */
  exclude?: readonly (string | RegExp)[] = [];

  /** Largest size of one session's data as BSON, in bytes; 16 MiB is MongoDB's own limit. @default 1048576 */
  maxSize?: number = 1024 * 1024;

  /** Most top-level keys of one session's data. @default 1000 */
  maxKeys?: number = 1000;

  /** Deepest nesting of one session's data; 97 is the most that MongoDB can hold. @default 97 */
  maxDepth?: number = 97;

  /** Longest `Cookie` header that is looked at, in bytes; a longer one is answered with 431 where the session is needed. @default 16384 */
  maxCookieHeader?: number = 16 * 1024;

  /** Each operation on the store ends after so many milliseconds, with a 503. @default 5000 */
  timeoutMs?: number = 5000;

  /**
   * What a request hears whose write was dropped because its session had ended meanwhile: nothing (there is an `interrupted`
   * event), or `'throw'`: a 409.
   * @default 'drop'
   */
  onInterrupted?: 'drop' | 'throw' = 'drop';

  /**
   * The most sessions that a user may have at the same time, exact however many logins come at once. `login()` can give another
   * number for its user. Sessions without a user don't count.
   * @default no limit
   */
  maxSessions?: number;

  /**
   * What happens to a login when its user has as many sessions as `maxSessions` allows: the session that was used least recently
   * ends (`'endIdlest'`), the one whose login is the oldest does (`'endOldest'`), or the login rejects with
   * `SESSION_LIMIT_REACHED` (`'refuse'`).
   * @default 'endIdlest'
   */
  onMaxSessions?: 'endIdlest' | 'endOldest' | 'refuse' = 'endIdlest';

  /** Whether the module creates its indexes at start, only looks and reports what is missing, or leaves them to you. @default 'ensure' */
  indexes?: 'ensure' | 'check' | 'off' = 'ensure';

  /** Whether the app refuses to start when MongoDB can't be reached within `timeoutMs`. @default false */
  failFast?: boolean = false;

  /** Where the time comes from. @default the system's clock */
  clock?: Clock;
}
