import type { SecretChange, StoredSession } from '../store/session-store.interface.js';
import { EMPTY_DOCUMENT, joinElements, readElements } from './bson-elements.js';
import type { SessionTimeline } from './expiry.js';
import { type SessionToken, createToken } from './session-token.js';

/**
 * - `new`: nothing is stored yet, and nothing will be unless data comes in.
 * - `stored`: the store has it, as far as is known.
 * - `ended`: destroyed, emptied, or found to have ended meanwhile. Nothing is written any more.
 */
export type SessionStatus = 'new' | 'stored' | 'ended';

/** What one request knows of one session. Only the manager writes to it. */
export class SessionState {
  status: SessionStatus = 'new';
  epoch = 0;
  /** The data as the store has it, as far as this request knows: what the next commit is compared with. */
  snapshot: Uint8Array = EMPTY_DOCUMENT;
  createdAt: number;
  lastSeenAt: number;
  userId: unknown;
  /** Persistence as it should be, and as the store has it: own idle time in milliseconds, undefined for a browser session. */
  permanent: number | undefined;
  storedPermanent: number | undefined;
  #token: SessionToken | undefined;

  constructor(now: number) {
    this.createdAt = now;
    this.lastSeenAt = now;
  }

  static of(stored: StoredSession, token: SessionToken): SessionState {
    const state = new SessionState(stored.createdAt);
    state.#token = token;
    state.refresh(stored);
    return state;
  }

  /** Takes over what the store says. */
  refresh(stored: StoredSession): void {
    this.status = 'stored';
    this.epoch = stored.epoch;
    this.snapshot = stored.data;
    this.createdAt = stored.createdAt;
    this.lastSeenAt = stored.lastSeenAt;
    this.userId = stored.userId;
    this.permanent = stored.permanent;
    this.storedPermanent = stored.permanent;
  }

  /** The store has acknowledged this data and this time. */
  saved(data: Uint8Array, lastSeenAt: number): void {
    this.status = 'stored';
    this.snapshot = data;
    this.lastSeenAt = lastSeenAt;
    this.storedPermanent = this.permanent;
  }

  /** The store has acknowledged the new secret; of the data it has what was kept. */
  regenerated(secret: Uint8Array, { keep, times }: SecretChange): void {
    this.token = { handle: this.token.handle, secret };
    this.epoch += 1;
    this.lastSeenAt = times.lastSeenAt;
    if (keep === true) return;
    const elements = readElements(this.snapshot);
    this.snapshot = joinElements(keep.flatMap((key) => elements.get(key) ?? []));
  }

  /** From now on nobody's, a browser session, and as young as can be. */
  restart(now: number): void {
    this.createdAt = now;
    this.userId = undefined;
    this.permanent = undefined;
  }

  /** Another session, of which nothing is stored. */
  begin(now: number): void {
    this.restart(now);
    this.status = 'new';
    this.epoch = 0;
    this.snapshot = EMPTY_DOCUMENT;
    this.lastSeenAt = now;
    this.storedPermanent = undefined;
    this.#token = undefined;
  }

  get timeline(): SessionTimeline {
    const { createdAt, lastSeenAt, permanent } = this;
    return { createdAt, lastSeenAt, permanent };
  }

  /** Made when first asked for: most requests without a session never need one. */
  get token(): SessionToken {
    return (this.#token ??= createToken(this.createdAt));
  }

  set token(token: SessionToken) {
    this.#token = token;
  }
}
