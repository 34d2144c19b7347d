import { joinElements } from './bson-elements.js';

/** What must be sent for the store to hold the new data: top-level keys with their whole values. */
export interface DataDiff {
  /** Changed and added keys, as one BSON document. */
  readonly set?: Uint8Array;
  /** Stored names of removed keys. */
  readonly unset?: readonly string[];
}

/**
 * The difference between the elements of two documents, compared by their bytes; undefined if there
 * is none.
 */
export function diffElements(
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
): DataDiff | undefined {
  const set: Uint8Array[] = [];
  for (const [key, element] of after) {
    const previous = before.get(key);
    if (previous !== element && (!previous || Buffer.compare(previous, element) !== 0)) set.push(element);
  }
  const unset: string[] = [];
  for (const key of before.keys()) if (!after.has(key)) unset.push(key);
  if (set.length === 0 && unset.length === 0) return undefined;
  return { ...(set.length > 0 && { set: joinElements(set) }), ...(unset.length > 0 && { unset }) };
}
