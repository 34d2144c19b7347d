// Data nested so many levels deep below the session.
export type NestedKind = 'objects' | 'arrays' | 'maps' | 'sets';

const WRAPPERS: Record<NestedKind, (inner: unknown) => object> = {
  objects: (inner) => ({ a: inner }),
  arrays: (inner) => [inner],
  maps: (inner) => new Map([['a', inner]]),
  sets: (inner) => new Set([inner]),
};

/** A session with one key, `a`, below which `levels` containers lie in each other around the innermost value. */
export function nested(levels: number, kind: NestedKind, innermost: unknown = 1): { a: unknown } {
  let value = innermost;
  for (let level = 0; level < levels; level++) value = WRAPPERS[kind](value);
  return { a: value };
}
