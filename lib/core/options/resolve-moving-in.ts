import { optionError } from '../option-checks.js';
import type { SessionImporter } from './session-importer.interface.js';

/** A source, with the time from which it is not looked at any more, in milliseconds since 1970. */
export interface ResolvedImporter extends Omit<SessionImporter, 'until'> {
  readonly until: number;
}

const DAY_MS = 86_400_000;
const MAX_AHEAD_MS = 90 * DAY_MS;

/** The sources of old sessions. Throws `SESSION_OPTION_INVALID` for what can't be right. */
export function resolveMovingIn(given: unknown, tokenHeader: string | undefined, now: number): ResolvedImporter[] {
  const fix = 'Give an array of what fromConnectMongo(), fromDocuments() or fromCookie() return.';
  if (!Array.isArray(given)) throw optionError('movingIn', given, fix);
  const importers = given.map((importer: unknown, index) => {
    if (!isImporter(importer)) throw optionError(`movingIn[${index}]`, importer, fix);
    return { ...importer, until: untilAt(`movingIn[${index}].until`, importer.until, now) };
  });
  if (importers.length > 0 && tokenHeader !== undefined) {
    throw optionError('movingIn', given, 'It needs the cookie: leave `transport` out.');
  }
  const twice = importers.findIndex((each, index) =>
    importers.slice(0, index).some((one) => readSameCookie(one, each)),
  );
  if (twice !== -1) {
    const { name } = importers[twice]!.cookies[0]!;
    throw optionError(`movingIn[${twice}].cookie`, name, 'An earlier source reads this cookie already: keep one.');
  }
  return importers;
}

/** Whether two sources would take the same old sessions. */
export function readSameCookie(one: ResolvedImporter, other: ResolvedImporter): boolean {
  return one.cookies[0]!.name === other.cookies[0]!.name && one.format === other.format;
}

/** A day, with a time or without. Other forms would mean another moment in each time zone. */
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?=T|$)/;

/** A day without a time lasts to its end, UTC. */
function untilAt(option: string, given: unknown, now: number): number {
  const day = typeof given === 'string' ? ISO_DATE.exec(given)?.[0] : undefined;
  const isTime = given instanceof Date || (day !== undefined && isDay(day));
  const time = isTime ? new Date(given as Date | string).getTime() : NaN;
  const until = given === day ? time + DAY_MS : time;
  if (Number.isNaN(until)) throw optionError(option, given, "Give the day on which it ends, such as '2027-02-01'.");
  if (until - now <= MAX_AHEAD_MS) return until;
  throw optionError(option, given, 'Give a day that is at most 90 days ahead.');
}

/** JavaScript takes 30 February for a day in March. */
function isDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function isImporter(value: unknown): value is SessionImporter {
  const { from, cookies, secrets, stored } = (value ?? {}) as Partial<SessionImporter>;
  return typeof from === 'string' && Array.isArray(cookies) && Array.isArray(secrets) && typeof stored === 'object';
}
