// What a race for a session of another library is run with, and what must never come of it.
import type { OldDocuments } from '../../../../lib/core/store/old-documents.interface.js';
import type { MovingStore, SessionStore } from '../../../../lib/index.js';

export const VIOLATIONS = {
  loggedOut: 'nobody with the cookie is anonymous before an end',
  revived: 'nobody has a session after an end',
  beside: 'no session is opened beside its original',
  doubled: 'the data are in one session exactly',
  events: 'at most one movedIn',
  failed: 'no request fails',
} as const;
export type Violation = keyof typeof VIOLATIONS;

/** A mistake, put into the protocol. */
export interface Seed {
  readonly store?: (store: SessionStore & MovingStore) => SessionStore & MovingStore;
  readonly documents?: (documents: OldDocuments) => OldDocuments;
  readonly isUnburied?: boolean;
}

export interface Setting {
  /** Whether the session is in the cookie itself. */
  readonly isSealed?: boolean;
  readonly hasUser?: boolean;
  /** Killed before this call, the first of which is 0: the racer with the index 0. */
  readonly crashAt?: number;
  readonly seed?: Seed;
}
