import type { Clock } from '../clock.interface.js';
import type { Lifetimes } from '../session/expiry.js';
import type { SessionCookieOptions, SessionOptions } from './session-options.js';

/** The options after validation: every default filled in, every duration in milliseconds. */
export interface ResolvedOptions extends Lifetimes {
  readonly name: string;
  readonly cookie: ResolvedCookieOptions;
  readonly exclude: readonly (string | RegExp)[];
  readonly maxSize: number;
  readonly timeoutMs: number;
  readonly onInterrupted: 'drop' | 'throw';
  readonly indexes: 'ensure' | 'check' | 'off';
  readonly failFast: boolean;
  readonly clock: Clock;
  /** Where the sessions are: passed on as given. */
  readonly source: SourceOptions;
}

export type SourceOptions = Pick<
  SessionOptions,
  'collection' | 'connectionName' | 'connection' | 'client' | 'db' | 'uri' | 'dbName' | 'store'
>;

export interface ResolvedCookieOptions {
  /** The cookie's name on https and on http. */
  readonly secureName: string;
  readonly plainName: string;
  readonly secure: 'auto' | boolean;
  readonly sameSite: NonNullable<SessionCookieOptions['sameSite']>;
  readonly path: string;
  readonly domain?: string;
  readonly partitioned: boolean;
  readonly priority?: NonNullable<SessionCookieOptions['priority']>;
}
