import type { PresentedToken } from '../token/token-format.js';
import type { SecretReplacement, SessionChange, StoredSession } from '../store/session-store.interface.js';
import { EMPTY_DOCUMENT, isEmptyDocument, joinElements, readElements } from '../data/bson-elements.js';
import { applyDiff } from '../data/data-bounds.js';
import type { DeviceRequest } from './device.js';
import type { Login } from './login.js';
import { type RenewalState, type RenewalStep, renewalStateOf, type SecretRole } from '../token/renewal.js';
import { type SessionToken, createToken } from '../token/session-token.js';
import { fromStoredKey } from '../data/stored-keys.js';

/**
 * - `new`: nothing is stored yet, and nothing will be without data or a user.
 * - `stored`: the store has it, as far as is known.
 * - `ended`: destroyed here, or found to have ended. Nothing is written any more.
 */
export type SessionStatus = 'new' | 'stored' | 'ended';

/** What a write says about the use of its session. */
export type SessionUse = Pick<SessionChange, 'times' | 'lastSeenAt' | 'device'>;

const NO_SECRET = new Uint8Array(0);

/** What one request knows of one session. Only core/lifecycle writes to it. */
export class SessionState {
  status: SessionStatus = 'new';
  epoch = 0;
  /** The data as the store has them, as far as is known: the next commit is compared with them. */
  snapshot: Uint8Array = EMPTY_DOCUMENT;
  createdAt: number;
  lastSeenAt: number;
  /** As the store has it, as far as is known. */
  expiresAt = 0;
  /** When this request used the session: on arrival, or later if the app said so. */
  usedAt: number;
  userId: unknown;
  authenticatedAt: number | undefined;
  amr: readonly string[] | undefined;
  /** See `StoredSession`. */
  device: Uint8Array | undefined;
  /** The request itself, with the option `devices` only. */
  client: DeviceRequest | undefined;
  /** Which of the session's tokens the client sent. */
  role: SecretRole = 'current';
  /** Whether the client's token must be signed again. */
  needsResigning = false;
  /** Whether the client may have, or be about to get, a newer token than it has sent. */
  hasNewerToken = false;
  /** Whether this request emptied it, and a parallel one has filled or ended it. */
  refilledConcurrently = false;
  /** Whether this request has begun it, and nobody else has its token until the next write. */
  isUnshared = false;
  /** Whether it stays although it has neither data nor a user, as `save({ evenIfEmpty })` asks. */
  isKeptEmpty = false;
  /** Whether it is stored without data and a user too, whatever becomes of it in this request. */
  storesEmpty = false;
  /** Whether a new token without a login leaves the session without a user, whatever is kept. */
  leavesUser = false;
  /** Whether it ends when this request's changes would be saved. */
  endsWithRequest = false;
  /** Whether something else than this request has ended it. */
  isInterrupted = false;
  /** Whether the time of last use was written, or tried to be, without being asked for. */
  hasTouched = false;
  /** Whether reading and changing it prolongs it. */
  countsAsUse = true;
  /** Whether a job opened it, which is told itself what happens. */
  isOfJob = false;
  /** The secrets as stored, and the one that was sent; undefined: no step of a renewal is due. */
  renewal: RenewalState | undefined;
  /** Idle time of a permanent session, in milliseconds, as it should be and as it is stored. */
  permanent: number | undefined;
  storedPermanent: number | undefined;
  #token: SessionToken | undefined;

  /** @param arrivedAt when the request came */
  constructor(readonly arrivedAt: number) {
    this.createdAt = arrivedAt;
    this.lastSeenAt = arrivedAt;
    this.usedAt = arrivedAt;
  }

  static of(stored: StoredSession, token: PresentedToken, role: SecretRole, arrivedAt: number): SessionState {
    const state = new SessionState(arrivedAt);
    state.#token = token;
    state.needsResigning = token.stale === true;
    state.renewal = renewalStateOf(stored, token.secret, role);
    state.refresh(stored, role);
    return state;
  }

  /** A session opened by its handle, for a socket or a job. */
  static byHandle(stored: StoredSession, arrivedAt: number): SessionState {
    const state = new SessionState(arrivedAt);
    state.#token = { handle: stored.handle, secret: NO_SECRET };
    state.refresh(stored, 'current');
    return state;
  }

  /** Treats it as opened by its handle from now on. */
  forgetToken(): void {
    this.token = { handle: this.token.handle, secret: NO_SECRET };
    this.renewal = undefined;
    this.needsResigning = false;
  }

  /** Whether it was opened without a token, so that its secret is unknown and never renewed. */
  get isByHandle(): boolean {
    return this.#token?.secret === NO_SECRET;
  }

  /** Takes over what the store says. */
  refresh(stored: StoredSession, role: SecretRole): void {
    this.status = 'stored';
    this.role = role;
    this.hasNewerToken = role === 'previous' || (role === 'current' && stored.renewal?.next !== undefined);
    this.epoch = stored.epoch;
    this.snapshot = stored.data;
    this.createdAt = stored.createdAt;
    this.lastSeenAt = stored.lastSeenAt;
    this.expiresAt = stored.expiresAt;
    this.userId = stored.userId;
    this.authenticatedAt = stored.authenticatedAt;
    this.amr = stored.amr;
    this.device = stored.device;
    if (this.renewal) this.renewal = renewalStateOf(stored, this.renewal.secret, role);
    this.permanent = stored.permanent;
    this.storedPermanent = stored.permanent;
    this.isKeptEmpty = isEmptyDocument(stored.data) && stored.userId === undefined;
  }

  /** Nothing to store but data. */
  get isBlank(): boolean {
    return this.status === 'new' && this.userId === undefined && !this.isKeptEmpty && !this.storesEmpty;
  }

  /** From now on it is only looked at: that is no use of it, and its token stays as it is. */
  stopUse(): void {
    this.countsAsUse = false;
    this.renewal = undefined;
    this.needsResigning = false;
  }

  /** Hides keys that no session shows: they stay stored, because this request can't change them. */
  hide(keys: readonly string[]): void {
    const shown = [...readElements(this.snapshot)].filter(([storedKey]) => !keys.includes(fromStoredKey(storedKey)));
    this.snapshot = joinElements(shown.map(([, element]) => element));
  }

  /** The store has acknowledged these data, this idle time if permanent, and this use if any. */
  saved(data: Uint8Array, permanent: number | undefined, use: SessionUse = {}): void {
    // Otherwise the store keeps a later end, which older limits may have given.
    const isNewEnd = this.status === 'new' || permanent !== this.storedPermanent;
    this.status = 'stored';
    this.snapshot = data;
    this.isUnshared = false;
    this.storedPermanent = permanent;
    const { times, lastSeenAt = times?.lastSeenAt, device } = use;
    if (lastSeenAt !== undefined) this.lastSeenAt = lastSeenAt;
    if (times) this.expiresAt = isNewEnd ? times.expiresAt : Math.max(this.expiresAt, times.expiresAt);
    if (device) this.device = applyDiff(this.device ?? EMPTY_DOCUMENT, { set: device });
  }

  /** The session has ended: it has no user and no data. */
  ended(): void {
    this.status = 'ended';
    this.snapshot = EMPTY_DOCUMENT;
    this.#belongTo(undefined, undefined, undefined);
  }

  /** The store has acknowledged the new secret, and has what was kept of the data. */
  regenerated(secret: Uint8Array, change: SecretReplacement, permanent: number | undefined): void {
    const { keep, times, createdAt, userId, authenticatedAt, amr, device } = change;
    this.createdAt = createdAt;
    this.permanent = permanent;
    if (userId !== undefined) this.#belongTo(userId ?? undefined, authenticatedAt ?? undefined, amr ?? undefined);
    if (device) this.device = device;
    this.#handOut(secret);
    this.epoch += 1;
    this.usedAt = this.lastSeenAt = times.lastSeenAt;
    this.expiresAt = times.expiresAt;
    if (keep === true) return;
    this.isUnshared = keep.length === 0;
    this.isKeptEmpty &&= keep.length > 0;
    const elements = readElements(this.snapshot);
    this.snapshot = joinElements(keep.flatMap((key) => elements.get(key) ?? []));
  }

  /** The store has acknowledged the renewal's step, the only one of this request. */
  renewed({ secret }: RenewalStep): void {
    this.renewal = undefined;
    if (secret) this.#handOut(secret);
  }

  /** The step may have been taken or not: this request no longer knows the newest token. */
  renewalFailed(): void {
    this.renewal = undefined;
    this.hasNewerToken = true;
  }

  #handOut(secret: Uint8Array): void {
    this.token = { handle: this.token.handle, secret };
    this.renewal = undefined;
    this.needsResigning = false;
    this.hasNewerToken = false;
  }

  /** Starts another session, which is not stored yet. */
  begin(now: number, login: Login | undefined, permanent: number | undefined): void {
    this.status = 'new';
    this.epoch = 0;
    this.snapshot = EMPTY_DOCUMENT;
    this.createdAt = now;
    this.usedAt = this.lastSeenAt = now;
    this.isInterrupted = false;
    this.permanent = permanent;
    this.storedPermanent = undefined;
    this.isKeptEmpty = false;
    this.renewal = undefined;
    this.needsResigning = false;
    this.hasNewerToken = false;
    this.#token = undefined;
    this.device = undefined;
    this.#belongTo(login?.userId, login && now, login?.amr);
  }

  /** Goes on as another session, which has been stored in the meantime. */
  become(other: SessionState): void {
    Object.assign(this, other);
    this.#token = other.token;
  }

  /** Another user's, or nobody's, is another session: what this one was to do is over. */
  #belongTo(userId: unknown, authenticatedAt: number | undefined, amr: readonly string[] | undefined): void {
    this.endsWithRequest = false;
    this.userId = userId;
    this.authenticatedAt = authenticatedAt;
    this.amr = amr;
  }

  /** Created when first needed, which most requests without a session never do. */
  get token(): SessionToken {
    return (this.#token ??= createToken(this.createdAt));
  }

  set token(token: SessionToken) {
    this.#token = token;
  }
}
