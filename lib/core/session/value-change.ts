/** What a change answers when it leaves the value as it is. */
export const UNCHANGED = Symbol('unchanged');

/**
 * Computes a key's next value from its present one; undefined is no value, both ways. May change
 * what it is given.
 */
export type ValueChange = (present: unknown) => unknown;

/**
 * What a change has done; where it has left the value as it is, `before` and `after` are two copies
 * of it.
 */
export interface Modification {
  readonly before: unknown;
  readonly after: unknown;
  readonly isChanged: boolean;
}

/** What becomes of a key of a session that is not stored yet: nobody else knows of it. */
export function changeUnsaved(session: object, key: string, change: ValueChange): Modification {
  const before: unknown = Object.hasOwn(session, key) ? (session as Record<string, unknown>)[key] : undefined;
  const after = change(before);
  return after === UNCHANGED ? { before, after: before, isChanged: false } : { before, after, isChanged: true };
}
