import { randomBytes } from 'node:crypto';
import { EMPTY_DOCUMENT } from '../data/bson-elements.js';
import type { SessionHandle } from '../token/session-token.js';
import { type Burial, TOMBSTONE_EPOCH } from './moving-store.interface.js';
import type { StoredSession } from './session-store.interface.js';

/** No secret has its hash. */
export function tombstoneOf(handle: SessionHandle, { now, until }: Pick<Burial, 'now' | 'until'>): StoredSession {
  return {
    handle,
    secretHash: randomBytes(32),
    epoch: TOMBSTONE_EPOCH,
    data: EMPTY_DOCUMENT,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: until,
  };
}
