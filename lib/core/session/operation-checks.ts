import { SessionError } from '../errors.js';
import { booleanAt, integerAt, refuseUnknownOf } from '../option-checks.js';
import { checkLabel } from './device.js';
import type { LoginOptions, SaveOptions } from './session-operations.interface.js';
import type { Login } from './login.js';
import { checkAmr, checkUserId } from './user-id.js';

/** The keys of data that stay; true: all of them. */
export type Kept = true | readonly string[];

/**
 * What `regenerate` and `login` keep of the data: everything, or the keys named. Names may come
 * from a request. A list in place of the options is what @fastify/session takes, and libraries
 * built on that.
 */
export function keepOf(operation: 'login' | 'regenerate', options: unknown): Kept {
  const isObject = typeof options === 'object' && options !== null && !(Symbol.iterator in options);
  if (isObject) refuseUnknownOf(operation, options, KNOWN[operation]);
  const { keep = false } = (isObject ? options : { keep: options }) as { keep?: unknown };
  if (typeof keep === 'boolean' && isObject) return keep || [];
  // A copy, in which holes are values as well, and each name is there once.
  const keys: unknown[] = Array.isArray(keep) ? [...new Set(keep as unknown[])] : [undefined];
  if (keys.every((key) => typeof key === 'string')) return keys;
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    "`keep` is neither true, false nor a list of keys. Give the names of the keys to keep, such as ['cart'].",
  );
}

/** Whether `save` stores a session without data too. */
export function keepsEmpty(options: SaveOptions): boolean {
  refuseUnknownOf('save', options, ['evenIfEmpty']);
  const { evenIfEmpty = false } = options;
  return booleanAt('save({ evenIfEmpty })', evenIfEmpty);
}

const KNOWN = { regenerate: ['keep'], login: ['keep', 'amr', 'maxSessions', 'since', 'label'] };

/** More seats than a user's document could hold. */
export const MAX_SESSIONS = 10_000;
const MAX_SINCE_MS = 60 * 60_000;
/** The moment may come from another process, whose clock is a little ahead. */
const MAX_CLOCK_SKEW_MS = 60_000;

/** What `login` was told, besides what it keeps. */
export function checkLogin(
  userId: unknown,
  { amr, maxSessions, since, label }: LoginOptions,
  now: number,
  settings: { readonly devices: object | undefined },
): Login {
  if (label !== undefined && !settings.devices) {
    const fix = 'Set the option `devices`, or leave the label out.';
    throw new SessionError(
      'SESSION_OPTION_INVALID',
      `login({ label }) names a device, but devices are not noted. ${fix}`,
    );
  }
  return {
    userId: checkUserId(userId),
    amr: checkAmr(amr),
    ...(maxSessions !== undefined && {
      maxSessions: integerAt('login({ maxSessions })', maxSessions, 1, MAX_SESSIONS),
    }),
    ...(since !== undefined && { since: sinceAt(since, now) }),
    ...(label !== undefined && { label: checkLabel(label) }),
  };
}

function sinceAt(since: unknown, now: number): number {
  const moment = since instanceof Date ? since.getTime() : Number.NaN;
  if (!(moment <= now + MAX_CLOCK_SKEW_MS)) {
    const fix = 'Give the moment at which the first factor was checked.';
    throw new SessionError('SESSION_OPTION_INVALID', `login({ since }) is no date, or in the future. ${fix}`);
  }
  // A revocation is remembered for longer than that, but not for ever.
  if (moment >= now - MAX_SINCE_MS) return moment;
  const fix = 'Ask the user for the first factor again.';
  throw new SessionError('SESSION_LOGIN_REVOKED', `login({ since }) is more than an hour ago. ${fix}`);
}

const EVERYTHING = ['cache', 'cookies', 'storage'];
const SITE_DATA = [...EVERYTHING, '*'];

/** The value of the header `Clear-Site-Data` after a logout, undefined for none. */
export function clearSiteDataHeader(options: { readonly clearSiteData?: unknown }): string | undefined {
  refuseUnknownOf('logout', options, ['clearSiteData']);
  const { clearSiteData: given = false } = options;
  if (given === false) return undefined;
  const types: unknown = given === true ? EVERYTHING : given;
  if (!Array.isArray(types) || !types.every((type) => SITE_DATA.includes(type as string))) {
    const known = SITE_DATA.map((type) => `'${type}'`).join(', ');
    throw new SessionError(
      'SESSION_VALUE_REFUSED',
      `logout() has ended the session, but \`clearSiteData\` is neither true, false nor a list of what a browser can clear. Give some of ${known}.`,
    );
  }
  return types.length > 0 ? types.map((type) => `"${type}"`).join(', ') : undefined;
}
