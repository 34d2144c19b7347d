import { joinElements, readElements } from './bson-elements.js';

/** What has to travel so that the store holds the new data: top-level keys only, each with its whole value. */
export interface DataDiff {
  /** Changed and added keys, as one BSON document. */
  readonly set?: Uint8Array;
  /** Stored names of removed keys. */
  readonly unset?: readonly string[];
}

/**
 * The difference between two BSON documents, undefined when there is none. Equal bytes, the usual case, cost one comparison;
 * only when they differ are the keys looked at, each by its bytes.
 */
export function diffData(before: Uint8Array, after: Uint8Array): DataDiff | undefined {
  if (before === after || Buffer.compare(before, after) === 0) return undefined;
  const old = readElements(before);
  const set: Uint8Array[] = [];
  for (const [key, element] of readElements(after)) {
    const previous = old.get(key);
    if (!previous || Buffer.compare(previous, element) !== 0) set.push(element);
    old.delete(key);
  }
  const unset = [...old.keys()];
  if (set.length === 0 && unset.length === 0) return undefined;
  return { ...(set.length > 0 && { set: joinElements(set) }), ...(unset.length > 0 && { unset }) };
}
