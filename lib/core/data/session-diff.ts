import { joinElements } from './bson-elements.js';

/** What has to travel so that the store holds the new data: top-level keys only, each with its whole value. */
export interface DataDiff {
  /** Changed and added keys, as one BSON document. */
  readonly set?: Uint8Array;
  /** Stored names of removed keys. */
  readonly unset?: readonly string[];
}

/** The difference between the elements of two BSON documents, each compared by its bytes; undefined when there is none. */
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
