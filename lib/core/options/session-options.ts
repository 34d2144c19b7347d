import type { Clock } from '../clock.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';
import type { Duration } from './duration.js';

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
  collection?: unknown;

  /** Name of the `@nestjs/mongoose` connection to use. @default the default connection */
  connectionName?: string;

  /** A mongoose connection to use. */
  connection?: unknown;

  /** A `MongoClient` of the native driver to use; `dbName` picks its database. */
  client?: unknown;

  /** A `Db` of the native driver to use. */
  db?: unknown;

  /** Address of a MongoDB to connect to. The only connection that the module closes at shutdown, for it opened it. */
  uri?: string;

  /** Database, with `client` or `uri`. @default the one that the connection string names */
  dbName?: string;

  /** A store of your own in place of MongoDB (tests use the in-memory one). */
  store?: SessionStore;

  /** A session that is not used for so long ends. @default '30m' */
  idleTimeout?: Duration = '30m';

  /** A session ends so long after its beginning, whatever is done with it. @default '12h' */
  absoluteTimeout?: Duration = '12h';

  /** Limits of sessions that outlive the browser. */
  permanent?: PermanentOptions = new PermanentOptions();

  /** The cookie that carries the token. */
  cookie?: SessionCookieOptions = new SessionCookieOptions();

  /**
   * Paths that have no session: no read, and `request.session` throws there. A string is a whole path, in which `*` stands
   * for anything (`'/assets/*'`); query strings don't count.
   * @default []
   */
  exclude?: readonly (string | RegExp)[] = [];

  /** Largest size of one session's data as BSON, in bytes; 16 MiB is MongoDB's own limit. @default 1048576 */
  maxSize?: number = 1024 * 1024;

  /** Each operation on the store ends after so many milliseconds, with a 503. @default 5000 */
  timeoutMs?: number = 5000;

  /**
   * What a request hears whose write was dropped because its session had ended meanwhile: nothing (there is an `interrupted`
   * event), or `'throw'`: a 409.
   * @default 'drop'
   */
  onInterrupted?: 'drop' | 'throw' = 'drop';

  /** Whether the module creates its indexes at start, only looks and reports what is missing, or leaves them to you. @default 'ensure' */
  indexes?: 'ensure' | 'check' | 'off' = 'ensure';

  /** Whether the app refuses to start when MongoDB can't be reached within `timeoutMs`. @default false */
  failFast?: boolean = false;

  /** Where the time comes from. @default the system's clock */
  clock?: Clock;
}
