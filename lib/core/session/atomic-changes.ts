import { SessionError } from '../errors.js';
import { refuseUnknownOf } from '../option-checks.js';
import { quoteKey } from '../quote-key.js';
import type { SessionOperations } from './session-operations.interface.js';
import { UNCHANGED, type ValueChange } from './value-change.js';

/** Adds to a number; where nothing is, to 0. */
export function increaseBy(key: string, by: number): ValueChange {
  if (!Number.isFinite(by))
    throw refused(key, 'increment', 'is to be changed by what is no finite number. Give a number');
  return (present = 0) => {
    if (typeof present !== 'number') throw refused(key, 'increment', 'holds no number. Use another key, or `update()`');
    return present + by;
  };
}

/** How long a list may get that `push` appends to. */
export interface PushOptions {
  /** Only so many items are kept, the last ones. @default all */
  max?: number;
}

/** Appends to a list; where nothing is, to an empty one. */
export function append(key: string, items: readonly unknown[], options: PushOptions): ValueChange {
  refuseUnknownOf('push', options, ['max']);
  const { max } = options;
  if (!Array.isArray(items)) throw refused(key, 'push', 'is to get items that are no array. Give an array');
  if (max !== undefined && !(Number.isInteger(max) && max > 0)) {
    throw refused(key, 'push', 'is to keep what is no whole number above 0 of items. Give `max` such a number');
  }
  return (present = []) => {
    if (!Array.isArray(present)) throw refused(key, 'push', 'holds no array. Use another key, or `update()`');
    const all: unknown[] = [...(present as unknown[]), ...items];
    return max === undefined ? all : all.slice(-max);
  };
}

/** Takes the value away. */
export const takeAway: ValueChange = (present) => (present === undefined ? UNCHANGED : undefined);

/**
 * Optimistic, and outside of the request's row of steps: the function may take its time, and use
 * the session itself.
 */
export async function updateValue<T>(
  operations: Pick<SessionOperations, 'modify' | 'compareAndSet'>,
  key: string,
  change: (present: T | undefined) => T | Promise<T>,
  retries = 10,
): Promise<T> {
  for (let attempt = 0; attempt <= retries; attempt++) {
    // Two copies, for the function may change the one that it gets.
    const { before, after } = await operations.modify(key, () => UNCHANGED);
    const next = await change(after as T | undefined);
    if (await operations.compareAndSet(key, before, next)) return next;
  }
  throw contended(key);
}

export function contended(key: string): SessionError {
  const what = `session[${quoteKey(key)}] was changed by others each time before this request could change it.`;
  return new SessionError('SESSION_CONTENDED', `${what} Send the request again, or allow more \`retries\`.`);
}

function refused(key: string, operation: string, what: string): SessionError {
  return new SessionError('SESSION_VALUE_REFUSED', `${operation}(): session[${quoteKey(key)}] ${what}.`);
}
