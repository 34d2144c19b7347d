import type { Clock } from '../clock.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';
import type { EncryptionOptions } from '../encryption/encryption-options.js';
import type { DeviceOptions } from './device-options.js';
import { SocketOptions } from './socket-options.js';
import type { SessionImporter } from './session-importer.interface.js';
import { WatchOptions } from './watch-options.js';
import type { Duration } from '../duration.js';
import type { DriverClient, DriverCollection, DriverDb, MongooseConnection } from './driver-types.js';
import type { RequestSessionFace, RequestSessionOptions } from './request-session-options.js';
import { SessionCookieOptions } from './session-cookie-options.js';
import type { SessionProfile } from './session-profiles.js';
import type { UserLoader } from './user-loader.js';

/** Limits of sessions that outlive the browser (`session.permanent`). */
export class PermanentOptions {
  /** Idle time with `session.permanent = true`. @default '14d' */
  idleTimeout?: Duration = '14d';

  /** Maximum lifetime of a permanent session, however active it is. @default '90d' */
  absoluteTimeout?: Duration = '90d';

  /**
   * Whether every session begins permanent, also after a `regenerate()` that keeps nothing; with a
   * duration, with that idle time. `session.permanent = false` still makes one end with the
   * browser.
   * @default false
   */
  always?: boolean | Duration = false;
}

/**
 * All options. A duration is a number of milliseconds, or a text with a unit: `'500ms'`, `'30s'`,
 * `'30m'`, `'12h'`, `'14d'`.
 */
export class SessionOptions {
  /**
   * Name of this registration, for apps with several: `@Session({ name: 'admin' })`.
   * @default 'default'
   */
  name?: string = 'default';

  /**
   * Where sessions are kept: the name of a collection, or a collection of the driver. Required
   * unless you give a `store`.
   */
  collection?: string | DriverCollection;

  /** Name of the `@nestjs/mongoose` connection to use. @default the default connection */
  connectionName?: string;

  /** A mongoose connection to use. */
  connection?: MongooseConnection;

  /** A `MongoClient` of the native driver to use; `dbName` picks its database. */
  client?: DriverClient;

  /** A `Db` of the native driver to use. */
  db?: DriverDb;

  /** Address of a MongoDB. The module opens this connection, so it closes it at shutdown. */
  uri?: string;

  /** Database, with `client` or `uri`. @default the one that the connection string names */
  dbName?: string;

  /** A store of your own instead of MongoDB. Tests use the in-memory one. */
  store?: SessionStore;

  /**
   * Time limits that a standard asks for. You can still set each of them yourself. See
   * `SESSION_PROFILES`.
   * @default none: the defaults below
   */
  profile?: SessionProfile;

  /** A session ends when it is not used for this long. @default '30m' */
  idleTimeout?: Duration = '30m';

  /**
   * Maximum lifetime of a session, however active it is. A new login restarts it.
   * @default '12h'
   */
  absoluteTimeout?: Duration = '12h';

  /** Limits of sessions that outlive the browser. */
  permanent?: PermanentOptions = new PermanentOptions();

  /** Age at which a token is renewed. It logs nobody out. @default never */
  renewAfter?: Duration;

  /**
   * How long the old token still works after the new one is first used, for requests in flight.
   * @default '1m'
   */
  renewGrace?: Duration = '1m';

  /**
   * What happens, besides the event `reused`, when a replaced token is used after its grace.
   * `'end'` ends the session, because either its owner or a thief has an old copy. That also logs
   * out a client that lost its new token.
   * @default 'ignore'
   */
  onReusedToken?: 'ignore' | 'end' = 'ignore';

  /** The cookie that carries the token. */
  cookie?: SessionCookieOptions = new SessionCookieOptions();

  /**
   * Keys that sign the cookie (HMAC-SHA256), each of at least 32 characters or 16 random bytes. The
   * first one signs, all of them verify; a cookie with an old signature is signed again with the
   * next response. A forged cookie then never reaches the database.
   * @default none: cookies are not signed
   */
  secrets?: readonly (string | Uint8Array)[] = [];

  /**
   * How the token travels: in the cookie, or for clients without cookies in a header of this name,
   * in both directions. An empty header in a response means: forget the token.
   * @default 'cookie'
   */
  transport?: 'cookie' | { header: string } = 'cookie';

  /** Encrypts the data in the database. @default none */
  encryption?: EncryptionOptions;

  /**
   * Paths without sessions: nothing is read, and `request.session` is undefined. A string is a
   * whole path in which `*` stands for anything (`'/assets/*'`); query strings don't count. A
   * socket that was opened on such a path has no session either.
   * @default []
   */
  exclude?: readonly (string | RegExp)[] = [];

  /**
   * Maximum size of one session's data as BSON, in bytes: up to 8,372,224, half of what MongoDB
   * takes in one document, because an atomic operation sends a value twice.
   * @default 1048576
   */
  maxSize?: number = 1024 * 1024;

  /** Maximum number of top-level keys of one session's data. @default 1000 */
  maxKeys?: number = 1000;

  /** Maximum nesting of one session's data. MongoDB can hold 97 levels. @default 97 */
  maxDepth?: number = 97;

  /**
   * Maximum length of the `Cookie` header, in bytes. A handler that needs the session of a request
   * with a longer one responds with 431.
   * @default 16384
   */
  maxCookieHeader?: number = 16 * 1024;

  /** Deadline of each operation on the store, in milliseconds; then a 503. @default 5000 */
  timeoutMs?: number = 5000;

  /**
   * What happens to a request's changes if its session has ended in the meantime: `'drop'` discards
   * them and emits `interrupted`; `'throw'` also fails the request with a 409.
   * @default 'drop'
   */
  onInterrupted?: 'drop' | 'throw' = 'drop';

  /**
   * The most sessions that a user may have at the same time, exact however many logins come at
   * once. `login()` can give another number for its user. Sessions without a user don't count.
   * @default no limit
   */
  maxSessions?: number;

  /**
   * What happens to a login when its user has as many sessions as `maxSessions` allows: the session
   * that was used least recently ends (`'endIdlest'`), the one whose login is the oldest does
   * (`'endOldest'`), or the login rejects with `SESSION_LIMIT_REACHED` (`'refuse'`).
   * @default 'endIdlest'
   */
  onMaxSessions?: 'endIdlest' | 'endOldest' | 'refuse' = 'endIdlest';

  /**
   * What `request.session` shows: the session itself, or the session as libraries for
   * express-session or @fastify/session know it, or with false nothing, for another library that
   * assigns it. `@Session()` gives the session itself in each case. Only for the registration that
   * `request.session` belongs to.
   * @default 'plain'
   */
  requestSession?: RequestSessionFace | RequestSessionOptions = 'plain';

  /**
   * When a session is read: as soon as its request arrives (`'eager'`), or when `@Session()`, a
   * guard of this package, `MongoSessions.from()` or `MongoSessions.middleware` asks for it
   * (`'on-demand'`). Until then, `request.session` throws `SESSION_NOT_LOADED`.
   * @default 'eager'
   */
  read?: 'eager' | 'on-demand' = 'eager';

  /**
   * Whether `CurrentSession` gives services the session of the request that they run for. It costs
   * an AsyncLocalStorage.
   * @default false
   */
  ambient?: boolean = false;

  /**
   * Finds the user for `@SessionUser()`, once a request or message, however many handlers ask. May
   * be async. What it throws is the response. Null and undefined: there is no such user any more.
   * @default `@SessionUser()` can't be used
   */
  loadUser?: UserLoader;

  /**
   * Whether the module creates its indexes at start, only reports what is missing, or leaves them
   * to you.
   * @default 'ensure'
   */
  indexes?: 'ensure' | 'check' | 'off' = 'ensure';

  /** Whether the start fails if MongoDB can't be reached within `timeoutMs`. @default false */
  failFast?: boolean = false;

  /**
   * Whether `login()` notes the address and the user agent of the request, and each later use
   * renews them, for a list of devices. Both are personal data. True: all of it.
   * @default false
   */
  devices?: boolean | DeviceOptions = false;

  /**
   * How the documents of expired sessions are removed: by MongoDB's TTL index; by a sweep of this
   * app every ten seconds, with an event `expired` for each; or by somebody else.
   * @default 'ttl'
   */
  cleanup?: 'ttl' | 'sweep' | 'off' = 'ttl';

  /** How `MongoSessions.ended()` hears of what other processes do. */
  watch?: WatchOptions = new WatchOptions();

  /** Sockets of socket.io and ws: when they are closed, and who may open them. */
  sockets?: SocketOptions = new SocketOptions();
  /**
   * Where sessions of another library are: with its cookie and no session of ours, a client goes on
   * with its old session, which is moved here. In the order in which they are asked. See
   * `nestjs-mongo-sessions/moving-in`.
   * @default []
   */
  movingIn?: readonly SessionImporter[] = [];

  /** Where the time comes from. @default the system's clock */
  clock?: Clock;
}
