import { optionError } from '../option-checks.js';
import type { ResolvedOptions, SourceOptions } from './resolved-options.interface.js';

const PLACES = ['connectionName', 'connection', 'client', 'db', 'uri', 'dbName', 'store'] as const;
/** What counts, or removes, the sessions of all registrations of a collection. */
const SHARED = ['maxSessions', 'onMaxSessions', 'cleanup'] as const;

/**
 * Two registrations of one collection have the same users and the same cleanup, so they have to
 * agree on both.
 * @throws `SESSION_OPTION_INVALID`
 */
export function refuseDifferingUsers(one: ResolvedOptions, other: ResolvedOptions): void {
  if (!isSamePlace(one.source(), other.source())) return;
  const option = SHARED.find((name) => one[name] !== other[name]);
  if (option === undefined) return;
  const what = `The registrations '${one.name}' and '${other.name}' have the same collection, and so the same users.`;
  throw optionError(
    option,
    other[option],
    `${what} Give both the same \`${option}\`, or each a collection of its own.`,
  );
}

function isSamePlace(one: SourceOptions, other: SourceOptions): boolean {
  return nameOf(one.collection) === nameOf(other.collection) && PLACES.every((place) => one[place] === other[place]);
}

function nameOf(collection: unknown): string {
  if (typeof collection !== 'object' || collection === null) return String(collection);
  const { dbName, collectionName } = collection as { dbName?: string; collectionName?: string };
  return `${dbName}.${collectionName}`;
}
