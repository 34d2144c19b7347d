import type { PresentedToken } from '../token/token-format.js';
import type { SecretReplacement, SessionChange, StoredSession } from '../store/session-store.interface.js';
import { EMPTY_DOCUMENT, isEmptyDocument, joinElements, readElements } from '../data/bson-elements.js';
import { applyDiff } from '../data/data-bounds.js';
import type { DeviceRequest } from './device.js';
import type { Login } from './login.js';
import type { RenewalStep, SecretRole, RenewalState } from '../token/renewal.js';
import { type SessionToken, createToken } from '../token/session-token.js';
import { fromStoredKey } from '../data/stored-keys.js';

/**
 * - `new`: nothing is stored yet, and nothing will be unless data comes in.
 * - `stored`: the store has it, as far as is known.
 * - `ended`: destroyed here, or found to have ended meanwhile. Nothing is written any more.
 */
export type SessionStatus = 'new' | 'stored' | 'ended';

/** What a write has to say of the use of its session. */
export type SessionUse = Pick<SessionChange, 'times' | 'lastSeenAt' | 'device'>;

const NO_SECRET = new Uint8Array(0);

/** What one request knows of one session. Only the manager writes to it. */
export class SessionState {
  status: SessionStatus = 'new';
  epoch = 0;
  /** The data as the store has it, as far as this request knows: what the next commit is compared with. */
  snapshot: Uint8Array = EMPTY_DOCUMENT;
  createdAt: number;
  lastSeenAt: number;
  /** As the store has it, as far as is known. */
  expiresAt = 0;
  /**
   * When the session was used by this request: when the request came, or later, when the app asked
   * for it.
   */
  usedAt: number;
  userId: unknown;
  authenticatedAt: number | undefined;
  amr: readonly string[] | undefined;
  /** See `StoredSession`. */
  device: Uint8Array | undefined;
  /** The request itself, with the option `devices` only. */
  client: DeviceRequest | undefined;
  /** Which of the session's tokens the client has brought. */
  role: SecretRole = 'current';
  /** Whether the client's token has to be signed anew. */
  needsResigning = false;
  /** Whether the client may hold, or be about to get, a newer token than the one that it has brought. */
  hasNewerToken = false;
  /** Whether it was emptied here, and found to have got data or an end from a parallel request: no one asks a second time. */
  refilledConcurrently = false;
  /** Whether it stays although it has neither data nor a user: somebody has asked for that, now or before it was read. */
  isKeptEmpty = false;
  /** Whether it has ended for another reason than an order of this request. */
  isInterrupted = false;
  /** Whether the time of last use was written, or tried to be, without having been asked for. */
  hasTouched = false;
  /** Whether reading and changing it prolongs it. */
  countsAsUse = true;
  /** Whether it was opened by a job, which is told itself what becomes of it. */
  isOfJob = false;
  /** The secrets as the store has them, and what the client has brought; undefined: this request takes no step of their renewal any more. */
  renewal: RenewalState | undefined;
  /** Persistence as it should be, and as the store has it: own idle time in milliseconds, undefined for a browser session. */
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
    state.renewal = secretsOf(stored, token.secret, role);
    state.refresh(stored, role);
    return state;
  }

  /** A session that was opened by its handle, as a socket's or a job's is. */
  static byHandle(stored: StoredSession, arrivedAt: number): SessionState {
    const state = new SessionState(arrivedAt);
    state.#token = { handle: stored.handle, secret: NO_SECRET };
    state.refresh(stored, 'current');
    return state;
  }

  /** From now on it is as if it had been opened by its handle. */
  forgetToken(): void {
    this.token = { handle: this.token.handle, secret: NO_SECRET };
    this.renewal = undefined;
    this.needsResigning = false;
  }

  /** Whether no token came with it: nothing is known of its secret, and no step of its renewal is taken. */
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
    if (this.renewal) this.renewal = secretsOf(stored, this.renewal.secret, role);
    this.permanent = stored.permanent;
    this.storedPermanent = stored.permanent;
    this.isKeptEmpty = isEmptyDocument(stored.data) && stored.userId === undefined;
  }

  /** Nothing to store but data. */
  get isBlank(): boolean {
    return this.status === 'new' && this.userId === undefined && !this.isKeptEmpty;
  }

  /** From now on it is only looked at: that is no use of it, and its token stays as it is. */
  stopUse(): void {
    this.countsAsUse = false;
    this.renewal = undefined;
    this.needsResigning = false;
  }

  /** Forgets what no session shows: the store keeps it, because this request can neither change nor remove it. */
  hide(keys: readonly string[]): void {
    const shown = [...readElements(this.snapshot)].filter(([storedKey]) => !keys.includes(fromStoredKey(storedKey)));
    this.snapshot = joinElements(shown.map(([, element]) => element));
  }

  /** The store has acknowledged this data, and this use if any. */
  saved(data: Uint8Array, use: SessionUse = {}): void {
    this.status = 'stored';
    this.snapshot = data;
    this.storedPermanent = this.permanent;
    const { times, lastSeenAt = times?.lastSeenAt, device } = use;
    if (lastSeenAt !== undefined) this.lastSeenAt = lastSeenAt;
    if (times) this.expiresAt = times.expiresAt;
    if (device) this.device = applyDiff(this.device ?? EMPTY_DOCUMENT, { set: device });
  }

  /** It is nobody's any more, and holds nothing. */
  ended(): void {
    this.status = 'ended';
    this.snapshot = EMPTY_DOCUMENT;
    this.#belongTo(undefined, undefined, undefined);
  }

  /** The store has acknowledged the new secret; of the data it has what was kept. */
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
    this.isKeptEmpty &&= keep.length > 0;
    const elements = readElements(this.snapshot);
    this.snapshot = joinElements(keep.flatMap((key) => elements.get(key) ?? []));
  }

  /** The store has acknowledged a step of the renewal: the only one of this request. */
  renewed({ secret }: RenewalStep): void {
    this.renewal = undefined;
    if (secret) this.#handOut(secret);
  }

  /** The step was not taken, or perhaps it was: this request does not try again, and no longer knows which token is the newest. */
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

  /** Another session, of which nothing is stored. */
  begin(now: number, login: Login | undefined): void {
    this.status = 'new';
    this.epoch = 0;
    this.snapshot = EMPTY_DOCUMENT;
    this.createdAt = now;
    this.usedAt = this.lastSeenAt = now;
    this.isInterrupted = false;
    this.permanent = undefined;
    this.storedPermanent = undefined;
    this.isKeptEmpty = false;
    this.renewal = undefined;
    this.needsResigning = false;
    this.hasNewerToken = false;
    this.#token = undefined;
    this.device = undefined;
    this.#belongTo(login?.userId, login && now, login?.amr);
  }

  /** It goes on as that one, which has been stored meanwhile. */
  become(other: SessionState): void {
    Object.assign(this, other);
    this.#token = other.token;
  }

  #belongTo(userId: unknown, authenticatedAt: number | undefined, amr: readonly string[] | undefined): void {
    this.userId = userId;
    this.authenticatedAt = authenticatedAt;
    this.amr = amr;
  }

  /** Made when first asked for: most requests without a session never need one. */
  get token(): SessionToken {
    return (this.#token ??= createToken(this.createdAt));
  }

  set token(token: SessionToken) {
    this.#token = token;
  }
}

function secretsOf(
  { secretHash, renewal, createdAt }: StoredSession,
  secret: Uint8Array,
  role: SecretRole,
): SessionState['renewal'] {
  return { secretHash, renewal: renewal ?? { revision: 0, issuedAt: createdAt }, secret, role };
}
