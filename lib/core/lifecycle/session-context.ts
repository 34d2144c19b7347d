import { SessionError } from '../errors.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { SessionEnds } from './session-ends.js';
import type { RejectionReason, SessionEvent, SessionLifeCycleEventType } from './session-events.js';
import { canPassBounds } from '../data/data-bounds.js';
import { expiryOf, seenAfter } from '../session/expiry.js';
import type { BsonCodec } from '../data/session-codec.interface.js';
import type { DataDiff } from '../data/session-diff.js';
import type { Login } from '../session/login.js';
import { SessionState } from '../session/session-state.js';
import { TokenRenewer } from '../token/renewal.js';
import { SecretHasher, type SessionHandle, type SessionToken, formatToken } from '../token/session-token.js';
import type { SessionStore, SessionTimes, WriteTarget } from '../store/session-store.interface.js';
import { UnsavedChanges } from './unsaved-changes.js';
import { UnknownTokenCounter } from '../token/unknown-token-counter.js';

/**
 * What the cookie has to do after a step. `set`: send the token, because the client has none or a
 * dead one. `refresh`: send the client's own token again, with a new lifetime or signature, unless
 * it may have a newer one already.
 */
export type CookieAction = 'set' | 'refresh' | 'clear' | undefined;

/** What the outside is told. Neither may throw. */
export interface SessionHooks {
  emit(event: SessionEvent): void;
  log: { warn(message: string): void; error(message: string): void };
}

/** What every step on a session needs, and what they have in common. One a registration. */
export class SessionContext {
  readonly unknownTokens: UnknownTokenCounter;
  readonly hasher: SecretHasher;
  readonly renewer: TokenRenewer;
  readonly ends: SessionEnds;
  readonly unsaved: UnsavedChanges;
  readonly hooks: SessionHooks;
  readonly #warned = new Set<string>();

  constructor(
    readonly options: ResolvedOptions,
    readonly store: SessionStore,
    readonly codec: BsonCodec,
    hooks: SessionHooks,
  ) {
    this.unknownTokens = new UnknownTokenCounter(options.clock);
    this.hasher = new SecretHasher(options.name);
    this.unsaved = new UnsavedChanges(options.clock, (message) => this.warnOnce(message));
    this.renewer = new TokenRenewer(options, options.secrets, this.hasher);
    const ends = (this.ends = new SessionEnds(store, options, hooks.log));
    this.hooks = {
      log: hooks.log,
      emit(event) {
        ends.noteEvent(event);
        hooks.emit(event);
      },
    };
  }

  now(): number {
    return this.options.clock.now();
  }

  /** A session that is not stored yet. */
  newState(arrivedAt: number): SessionState {
    const state = new SessionState(arrivedAt);
    state.permanent = this.options.permanent.initial;
    return state;
  }

  /** Goes on with another session, which is not stored yet. */
  begin(state: SessionState, login?: Login): void {
    state.begin(this.now(), login, this.options.permanent.initial);
  }

  emit(type: SessionLifeCycleEventType, state: SessionState): void {
    if (type === 'created' || type === 'regenerated') this.ends.noteChange(state);
    this.hooks.emit({ type, handle: state.token.handle, name: this.options.name, at: this.now() });
  }

  /** A token was brought that opens nothing; as a text, if it can't be a token. */
  reject(reason: RejectionReason | 'reused', address: string | undefined, token: SessionToken | string): void {
    const isText = typeof token === 'string';
    const from = address ?? 'unknown';
    // A client with the token of an expired session has not guessed it, nor has a user's browser.
    const unknownTokens =
      reason === 'expired' || reason === 'origin'
        ? this.unknownTokens.count(from)
        : this.unknownTokens.add(from, isText ? token : formatToken(token));
    const event = { name: this.options.name, at: this.now(), address, ...(!isText && { handle: token.handle }) };
    if (reason === 'reused') this.hooks.emit({ ...(event as typeof event & { handle: SessionHandle }), type: reason });
    else this.hooks.emit({ ...event, type: 'rejected', reason, unknownTokens });
  }

  /** Says it once in the life of this process: what happens on every request would fill the log. */
  warnOnce(message: string): undefined {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.hooks.log.warn(message);
  }

  /** When the session ends if it is not used again. */
  expiryOf(state: SessionState): number {
    return expiryOf(this.options, state);
  }

  /** The times to store for a session that was used at this moment. */
  timesAt(lastSeenAt: number, { createdAt, permanent }: SessionState): SessionTimes {
    return { lastSeenAt, expiresAt: expiryOf(this.options, { createdAt, lastSeenAt, permanent }) };
  }

  /**
   * The session as the next write must find it.
   * @param written the data by then, which could pass the limits, and what is different
   */
  targetOf(state: SessionState, written?: { readonly data: Uint8Array; readonly diff: DataDiff }): WriteTarget {
    const { token, epoch, createdAt, lastSeenAt, expiresAt, storedPermanent: permanent } = state;
    const now = this.now();
    const { maxSize, maxKeys } = this.options;
    const isBounded = written && canPassBounds(state.snapshot, written.data, written.diff, this.options);
    const after = seenAfter(this.options, { createdAt, lastSeenAt, expiresAt, permanent }, now);
    return {
      ...{ handle: token.handle, epoch, now },
      ...(after !== undefined && { seenAfter: after }),
      ...(isBounded && { bounds: { maxSize, maxKeys } }),
    };
  }

  /**
   * A write found the session ended, or in another epoch: from here on this request writes nothing.
   * Said once.
   */
  interrupted(state: SessionState): SessionError {
    if (state.status !== 'ended') {
      this.lost(state);
      if (!state.isOfJob) this.emit('interrupted', state);
    }
    return new SessionError(
      'SESSION_INTERRUPTED',
      'The session has ended, or got a new token, since this request began, so nothing was saved. Send the request again.',
    );
  }

  lost(state: SessionState): void {
    state.ended();
    state.isInterrupted = true;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
