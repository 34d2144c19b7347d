import { createSecretKey, type KeyObject } from 'node:crypto';
import { optionError, refuseUnknown } from '../core/option-checks.js';
import type { OldCookie, SessionImporter } from '../core/options/session-importer.interface.js';

/** What all sources have in common. */
export interface ImporterOptions {
  /**
   * The secrets of the old library, newest first. They stay the same until `until`, because the new
   * tokens are derived from them.
   */
  readonly secrets: readonly (string | Uint8Array)[];
  /**
   * From then on the source is not looked at. At most 90 days ahead; a day without a time means its
   * end, UTC.
   */
  readonly until: string | Date;
  /** Whose session it is, by the old data. Undefined: nobody's. */
  readonly userId?: (data: Record<string, any>) => unknown; // oxlint-disable-line typescript/no-explicit-any
  /**
   * What is kept of the old data. Undefined: the session is not wanted, and its original is
   * removed.
   * @default all of it
   */
  readonly data?: (data: Record<string, any>) => object | undefined | Promise<object | undefined>; // oxlint-disable-line typescript/no-explicit-any
}

/** A cookie's name, or how it was set, if that was not for the path `/` of one host. */
export type CookieOption = string | OldCookie;

const COMMON = ['secrets', 'until', 'userId', 'data', 'cookie'];
/** Where the old library has no secret, the new tokens still need one that nobody can guess. */
const MIN_SECRET_CHARACTERS = 32;
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
const ATTRIBUTE = /^[\x21-\x3a\x3d-\x7e]{1,1024}$/;

type From = SessionImporter['from'];
type Common = Pick<SessionImporter, 'from' | 'cookies' | 'secrets' | 'until' | 'userId' | 'data'>;

/** Checks what all sources have in common. Throws `SESSION_OPTION_INVALID`. */
export function commonOptions(
  from: From,
  given: ImporterOptions & { readonly cookie: CookieOption | readonly CookieOption[] },
  others: readonly string[],
): Common {
  if (typeof given !== 'object' || given === null)
    throw optionError(`${from}()`, given, 'Give an object with options.');
  refuseUnknown(`${from}.`, given, [...COMMON, ...others]);
  const { cookie, secrets, until, userId, data } = given;
  functionAt(`${from}.userId`, userId);
  functionAt(`${from}.data`, data);
  if (until === undefined)
    throw optionError(`${from}.until`, until, "Give the day on which it ends, such as '2027-02-01'.");
  const names = from === 'fromCookie' && Array.isArray(cookie) ? (cookie as readonly CookieOption[]) : [cookie];
  if (names.length === 0) throw optionError(`${from}.cookie`, cookie, 'Give the name of the old cookie.');
  const cookies = names.map((one) => cookieAt(from, one as CookieOption));
  const minLength = from === 'fromConnectMongo' ? 1 : MIN_SECRET_CHARACTERS;
  return { from, cookies, secrets: secretsAt(from, secrets, minLength), until, userId, data };
}

export function functionAt(option: string, given: unknown, isRequired = false): void {
  if (typeof given === 'function' || (given === undefined && !isRequired)) return;
  throw optionError(option, given, 'Give a function.');
}

function cookieAt(from: From, given: CookieOption): OldCookie {
  const cookie = typeof given === 'string' ? { name: given } : given;
  const { name, path = '/', domain } = cookie ?? {};
  const fits = (text: unknown) => typeof text === 'string' && ATTRIBUTE.test(text);
  if (typeof name === 'string' && COOKIE_NAME.test(name) && fits(path) && (domain === undefined || fits(domain)))
    return { name, path, ...(domain !== undefined && { domain }) };
  const fix = "Give its name, such as 'connect.sid', or { name, path, domain } as it was set.";
  throw optionError(`${from}.cookie`, typeof given === 'string' ? given : name, fix);
}

/** No error shows any part of one, and nothing can print it any more. */
function secretsAt(from: From, given: unknown, minLength: number): KeyObject[] {
  const option = `${from}.secrets`;
  const what = minLength === 1 ? 'the old secrets' : `a text of at least ${minLength} characters`;
  const fix = `Give an array with ${what}, the newest first.`;
  if (!Array.isArray(given)) throw optionError(option, given === undefined ? given : 'no array', fix);
  const isSecret = (secret: unknown): secret is string | Uint8Array =>
    (typeof secret === 'string' || secret instanceof Uint8Array) && secret.length >= minLength;
  if (given.length === 0 || !given.every(isSecret)) throw optionError(option, 'missing, or too short', fix);
  return given.map((secret) => createSecretKey(Buffer.from(secret as string)));
}
