import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.interface.js';
import type { ResolvedEncryption } from '../encryption/resolve-encryption.js';
import type { DeviceSettings } from '../session/device.js';
import type { Lifetimes } from '../session/expiry.js';
import type { RenewalLimits } from '../token/renewal.js';
import type { DataLimits } from '../data/session-encoding.js';
import type { ResolvedCookieOptions } from '../token/cookie-options.interface.js';
import type { ResolvedRequestSession } from './resolve-request-session.js';
import type { ResolvedImporter } from './resolve-moving-in.js';
import type { SessionOptions } from './session-options.js';
import type { UserLoader } from './user-loader.js';

/** The options after validation: every default filled in, every duration in milliseconds. */
export interface ResolvedOptions extends Lifetimes, RenewalLimits, DataLimits {
  readonly name: string;
  readonly cookie: ResolvedCookieOptions;
  readonly exclude: readonly (string | RegExp)[];
  readonly maxCookieHeader: number;
  /** Signing keys, newest first; none: tokens are not signed. */
  readonly secrets: readonly KeyObject[];
  /** Name of the header that carries the token, in lower case; undefined: it is in the cookie. */
  readonly tokenHeader: string | undefined;
  readonly encryption: ResolvedEncryption | undefined;
  readonly timeoutMs: number;
  readonly onReusedToken: 'ignore' | 'end';
  readonly onInterrupted: 'drop' | 'throw';
  readonly maxSessions: number | undefined;
  readonly onMaxSessions: 'endIdlest' | 'endOldest' | 'refuse';
  readonly indexes: 'ensure' | 'check' | 'off';
  readonly failFast: boolean;
  /** Undefined: nothing is noted of devices. */
  readonly devices: DeviceSettings | undefined;
  /** `initial`: the idle time with which sessions begin; undefined: they end with the browser. */
  readonly permanent: Lifetimes['permanent'] & { readonly initial: number | undefined };
  readonly cleanup: 'ttl' | 'sweep' | 'off';
  readonly requestSession: ResolvedRequestSession;
  readonly read: 'eager' | 'on-demand';
  readonly ambient: boolean;
  readonly loadUser: UserLoader | undefined;
  /** `every` in milliseconds. */
  readonly watch: { readonly every: number; readonly changeStream: boolean };
  /** `mustClose`: the app has asked for it by hand. `origins` are normalized. */
  readonly sockets: { readonly close: boolean; readonly mustClose: boolean; readonly origins: readonly string[] };
  readonly movingIn: readonly ResolvedImporter[];
  readonly clock: Clock;
  /**
   * Where the sessions are: passed on as given, by a function, because addresses and clients hold
   * passwords.
   */
  readonly source: () => SourceOptions;
}

export type SourceOptions = Pick<
  SessionOptions,
  'collection' | 'connectionName' | 'connection' | 'client' | 'db' | 'uri' | 'dbName' | 'store'
>;
