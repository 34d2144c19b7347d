import { SessionError } from './errors.js';
import { parseDuration } from './duration.js';
import { quoteKey } from './quote-key.js';

/** An error that names the option, what was given and the fix. */
export function optionError(option: string, given: unknown, fix: string): SessionError {
  return refusal(option, describe(given), fix);
}

function refusal(option: string, what: string, fix: string): SessionError {
  return new SessionError('SESSION_OPTION_INVALID', `MongoSessionsModule: option \`${option}\` is ${what}. ${fix}`);
}

/**
 * Describes a given value in one line. Never shows the inside of an object or a connection string,
 * which may hold secrets.
 */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.includes('://') ? 'a connection string' : quoteKey(value.slice(0, 60));
  if (typeof value === 'function') return `the function ${value.name || '(unnamed)'}`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) {
    // What a request has sent may have a `constructor` of its own.
    const name: unknown = value.constructor?.name;
    return `an instance of ${typeof name === 'string' && /^[\w$]{1,60}$/.test(name) ? name : 'Object'}`;
  }
  return String(value);
}

/** Given values over the defaults; a value of undefined is as good as none. */
export function withDefaults<T extends object>(defaults: T, given: T): T {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}

/** Refuses misspelt options of a call, such as `login({ amr })`: nobody would notice them. */
export function refuseUnknownOf(call: string, given: object, known: readonly string[]): void {
  refuseUnknown(`${call}({ `, given, known, ' })');
}

export function refuseUnknown(prefix: string, given: object, known: readonly string[], suffix = ''): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const isNear = (key: string) =>
    key.toLowerCase() === unknown.toLowerCase() || key.startsWith(unknown.slice(0, 4)) || unknown.startsWith(key);
  const near = known.find(isNear);
  const hint = near
    ? `Did you mean \`${prefix}${near}${suffix}\`?`
    : `Known options: ${known.map((key) => prefix + key + suffix).join(', ')}.`;
  // Its value is not shown: what it would have meant, and so whether it is a secret, is not known.
  throw refusal(prefix + unknown + suffix, 'given', `There is no such option. ${hint}`);
}

export function oneOf<T>(option: string, given: unknown, allowed: readonly T[]): T {
  if (allowed.includes(given as T)) return given as T;
  throw optionError(option, given, `Use one of: ${allowed.map((value) => describe(value)).join(', ')}.`);
}

export function booleanAt(option: string, given: unknown): boolean {
  return oneOf(option, given, [true, false]);
}

export function objectAt<T>(option: string, given: T | undefined): T {
  // Not an array, and no Map, Date or promise either, which would be read as if it were empty.
  if (typeof given === 'object' && given !== null && /^\[object (Object|Module)]$/.test(tagOf(given))) {
    refuseInherited(`${option}.`, given);
    return given;
  }
  throw optionError(option, given, 'Give an object with its settings, or leave it out.');
}

/** Refuses settings that only the class of an object has, as getters: its own ones are read. */
export function refuseInherited(prefix: string, given: object): void {
  for (let type = parentOf(given); type && parentOf(type); type = parentOf(type)) {
    const members = Object.entries(Object.getOwnPropertyDescriptors(type));
    const setting = members.find(([, member]) => 'get' in member || member.enumerable)?.[0];
    if (setting === undefined) continue;
    throw refusal(prefix + setting, 'inherited', 'Give an object that has this property itself, such as a literal.');
  }
}

function tagOf(object: object): string {
  return Object.prototype.toString.call(object);
}

function parentOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

export function durationAt(option: string, given: unknown): number {
  const duration = parseDuration(given);
  if (duration !== undefined) return duration;
  throw optionError(
    option,
    given,
    "Give milliseconds from 1 (100 years at most), or a number with a unit: '500ms', '30s', '30m', '12h', '14d'.",
  );
}

export function integerAt(option: string, given: unknown, least: number, most: number): number {
  if (Number.isInteger(given) && (given as number) >= least && (given as number) <= most) return given as number;
  throw optionError(option, given, `Give a whole number from ${least} to ${most}.`);
}

/** A text, such as an address, which no error repeats. */
export function textAt(option: string, given: unknown, fits: (text: string) => boolean, fix: string): string {
  if (typeof given === 'string' && fits(given)) return given;
  // A text is not shown: it may hold a password.
  throw refusal(option, typeof given === 'string' ? 'a text that does not fit' : describe(given), fix);
}

export function nameAt(option: string, given: unknown): string {
  if (typeof given === 'string' && /^[\w-]{1,40}$/.test(given)) return given;
  throw optionError(option, given, 'Give a short name of letters, digits, `_` and `-`.');
}
