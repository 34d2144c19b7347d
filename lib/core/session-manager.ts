import { SessionError } from './errors.js';
import type { ResolvedOptions } from './options/resolved-options.interface.js';
import type { SessionEvent, SessionEventType } from './session-events.js';
import { EMPTY_DOCUMENT, isEmptyDocument } from './session/bson-elements.js';
import { expiryOf, hasExpired, touchIsDue } from './session/expiry.js';
import type { BsonCodec } from './session/session-codec.interface.js';
import { type DataDiff, diffData } from './session/session-diff.js';
import { decodeData, encodeData } from './session/session-encoding.js';
import { SessionState } from './session/session-state.js';
import { type SessionToken, createSecret, hashSecret, secretMatches } from './session/session-token.js';
import { toStoredKey } from './session/stored-keys.js';
import type { SessionStore, SessionTimes } from './store/session-store.interface.js';

/** What the cookie has to do after a step. */
export type CookieAction = 'set' | 'clear' | undefined;

/** What the manager tells the outside. Neither may throw. */
export interface ManagerHooks {
  emit(event: SessionEvent): void;
  log: { warn(message: string): void; error(message: string): void };
}

/** The life of a session in the store: load, commit, end, renew. Knows nothing of HTTP. */
export class SessionManager {
  constructor(
    readonly options: ResolvedOptions,
    private readonly store: SessionStore,
    private readonly codec: BsonCodec,
    readonly hooks: ManagerHooks,
  ) {}

  readonly #warned = new Set<string>();

  /** Says it once in the life of this process: what happens on every request would fill the log. */
  warnOnce(message: string): undefined {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.hooks.log.warn(message);
  }

  now(): number {
    return this.options.clock.now();
  }

  blank(): SessionState {
    return new SessionState(this.now());
  }

  /** The first of these tokens that opens a living session; an unknown, forged or expired one opens nothing, and is not told apart. */
  async load(tokens: readonly SessionToken[]): Promise<SessionState | undefined> {
    for (const token of tokens) {
      const stored = await this.store.find(token.handle);
      if (!stored || !secretMatches(token.secret, stored.secretHash)) continue;
      if (!hasExpired(this.options, stored, this.now())) return SessionState.of(stored, token);
      this.#emit('expired', { token });
    }
    return undefined;
  }

  decode(state: SessionState): Record<string, unknown> {
    return decodeData(this.codec, state.snapshot);
  }

  /**
   * What has to be written so that the store holds `data` (undefined: nobody looked at the data) and knows that the session
   * is in use. Undefined when that is nothing, without having asked the store.
   */
  prepare(state: SessionState, data: object | undefined): (() => Promise<CookieAction>) | undefined {
    if (state.status === 'ended') return undefined;
    const bytes = data ? encodeData(this.codec, data, this.options.maxSize) : state.snapshot;
    const empty = isEmptyDocument(bytes) && state.userId === undefined;
    if (state.status === 'new') return empty ? undefined : () => this.#insert(state, bytes);
    const diff = diffData(state.snapshot, bytes);
    if (data && empty) return () => this.#empty(state, diff);
    if (diff || state.permanent !== state.storedPermanent) return () => this.#update(state, bytes, diff);
    return touchIsDue(this.options, state, this.now()) ? () => this.#touchQuietly(state) : undefined;
  }

  async touch(state: SessionState): Promise<CookieAction> {
    if (state.status !== 'stored') return undefined;
    const times = this.#timesNow(state);
    // A touch that finds nothing loses nothing: the session has ended, which is for the next request to see.
    if (!(await this.store.update(state.token.handle, state.epoch, { times }))) return undefined;
    state.lastSeenAt = times.lastSeenAt;
    return state.permanent === undefined ? undefined : 'set';
  }

  async reload(state: SessionState): Promise<void> {
    const stored = state.status === 'stored' ? await this.store.find(state.token.handle) : undefined;
    if (stored && stored.epoch === state.epoch && !hasExpired(this.options, stored, this.now()))
      return state.refresh(stored);
    throw new SessionError(
      'SESSION_ENDED',
      'The session can not be reloaded: it is not stored, or has ended meanwhile. Begin a new one.',
    );
  }

  async destroy(state: SessionState): Promise<void> {
    const stored = state.status === 'stored';
    state.status = 'ended';
    if (stored && (await this.store.remove(state.token.handle))) this.#emit('destroyed', state);
  }

  /**
   * A new secret for the session, and the next epoch. What is not kept is gone, the user and the persistence too; then
   * the absolute limit counts anew, for it is a new session in all but its handle.
   */
  async regenerate(state: SessionState, keep: true | readonly string[]): Promise<CookieAction> {
    const fresh = keep !== true && keep.length === 0;
    if (state.status === 'stored') {
      const secret = createSecret();
      if (fresh) state.restart(this.now());
      const change = {
        secretHash: hashSecret(secret),
        keep: keep === true ? keep : keep.map(toStoredKey),
        createdAt: state.createdAt,
        times: this.#timesNow(state),
        ...(fresh && { userId: null }),
      };
      if (await this.store.replaceSecret(state.token.handle, state.epoch, change)) {
        state.regenerated(secret, change);
        this.#emit('regenerated', state);
        return 'set';
      }
      if (!fresh) throw this.#interruptedError(state);
    }
    // Nothing is stored yet, or it has ended meanwhile: another session begins, stored as soon as it has data.
    state.begin(this.now());
    return undefined;
  }

  /** `permanent` as `session.permanent` takes it: true, milliseconds of idle time, or false. */
  setPermanent(state: SessionState, permanent: boolean | number): void {
    const { idleTimeout, absoluteTimeout } = this.options.permanent;
    const milliseconds = permanent === true ? idleTimeout : permanent === false ? undefined : permanent;
    if (milliseconds !== undefined && !(milliseconds >= 1 && milliseconds <= absoluteTimeout)) {
      const fix = `Give true, false, or milliseconds from 1 to \`permanent.absoluteTimeout\` (${absoluteTimeout}); to end the session, call destroy().`;
      throw new SessionError('SESSION_OPTION_INVALID', `session.permanent can't be ${String(permanent)}. ${fix}`);
    }
    state.permanent = milliseconds === undefined ? undefined : Math.round(milliseconds);
  }

  /** When it ends if it is not used again. */
  expiryOf(state: SessionState): number {
    return expiryOf(this.options, state);
  }

  async #insert(state: SessionState, data: Uint8Array): Promise<CookieAction> {
    const { token, epoch, createdAt, userId, permanent } = state;
    const times = this.#timesNow(state);
    await this.store.insert({
      handle: token.handle,
      secretHash: hashSecret(token.secret),
      epoch,
      data,
      createdAt,
      ...times,
      ...(userId !== undefined && { userId }),
      ...(permanent !== undefined && { permanent }),
    });
    state.saved(data, times.lastSeenAt);
    this.#emit('created', state);
    return 'set';
  }

  async #update(state: SessionState, data: Uint8Array, diff: DataDiff | undefined): Promise<CookieAction> {
    const moved = state.permanent !== state.storedPermanent;
    const times = moved || touchIsDue(this.options, state, this.now()) ? this.#timesNow(state) : undefined;
    const change = { ...diff, ...(times && { times }), ...(moved && { permanent: state.permanent ?? null }) };
    if (!(await this.store.update(state.token.handle, state.epoch, change))) return this.#interrupted(state);
    state.saved(data, times?.lastSeenAt ?? state.lastSeenAt);
    return moved || (times && state.permanent !== undefined) ? 'set' : undefined;
  }

  /** Removes an emptied session, unless a parallel request has put something in since. */
  async #empty(state: SessionState, diff: DataDiff | undefined): Promise<CookieAction> {
    const { handle } = state.token;
    if (diff && !(await this.store.update(handle, state.epoch, diff))) return this.#interrupted(state);
    state.saved(EMPTY_DOCUMENT, state.lastSeenAt);
    if (!(await this.store.removeIfEmpty(handle, state.epoch))) return undefined;
    state.status = 'ended';
    this.#emit('destroyed', state);
    return 'clear';
  }

  /** Nothing is lost when a touch fails: the session ends a little early, or the next request touches it. */
  async #touchQuietly(state: SessionState): Promise<CookieAction> {
    try {
      return await this.touch(state);
    } catch (error) {
      this.hooks.log.warn(`The time of last use could not be written (the answer is not held up): ${messageOf(error)}`);
      return undefined;
    }
  }

  #timesNow(state: SessionState): SessionTimes {
    const lastSeenAt = this.now();
    return { lastSeenAt, expiresAt: expiryOf(this.options, { ...state.timeline, lastSeenAt }) };
  }

  #interrupted(state: SessionState): undefined {
    const error = this.#interruptedError(state);
    if (this.options.onInterrupted === 'throw') throw error;
  }

  #interruptedError(state: SessionState): SessionError {
    state.status = 'ended';
    this.#emit('interrupted', state);
    return new SessionError(
      'SESSION_INTERRUPTED',
      'The session has ended, or got a new token, since this request began; its changes were dropped. Send the request again.',
    );
  }

  #emit(type: SessionEventType, { token }: { token: SessionToken }): void {
    this.hooks.emit({ type, handle: token.handle, name: this.options.name, at: this.now() });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
