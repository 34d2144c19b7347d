import { SessionError } from './errors.js';
import type { ResolvedOptions } from './options/resolved-options.interface.js';
import { SessionCommitter } from './session-committer.js';
import { type CookieAction, SessionContext, type SessionHooks } from './session-context.js';
import { expiryOf, hasExpired } from './session/expiry.js';
import type { BsonCodec } from './session/session-codec.interface.js';
import { decodeData } from './session/session-encoding.js';
import { SessionState } from './session/session-state.js';
import { type SessionToken, createSecret, hashSecret, secretMatches } from './session/session-token.js';
import { toStoredKey } from './session/stored-keys.js';
import type { SessionStore } from './store/session-store.interface.js';

/** The life of a session in the store: load, commit, end, renew. Knows nothing of HTTP. */
export class SessionManager {
  private readonly context: SessionContext;
  private readonly committer: SessionCommitter;

  constructor(
    readonly options: ResolvedOptions,
    store: SessionStore,
    codec: BsonCodec,
    readonly hooks: SessionHooks,
  ) {
    this.context = new SessionContext(options, store, codec, hooks);
    this.committer = new SessionCommitter(this.context);
  }

  now(): number {
    return this.context.now();
  }

  warnOnce(message: string): undefined {
    return this.context.warnOnce(message);
  }

  blank(): SessionState {
    return new SessionState(this.now());
  }

  /** The first of these tokens that opens a living session; an unknown, forged or expired one opens nothing, and is not told apart. */
  async load(tokens: readonly SessionToken[]): Promise<SessionState | undefined> {
    for (const token of tokens) {
      const stored = await this.context.store.find(token.handle);
      if (!stored || !secretMatches(token.secret, stored.secretHash)) continue;
      if (!hasExpired(this.options, stored, this.now())) return SessionState.of(stored, token);
      this.context.emit('expired', { token });
    }
    return undefined;
  }

  decode(state: SessionState): Record<string, unknown> {
    return decodeData(this.context.codec, state.snapshot);
  }

  /** See `SessionCommitter.prepare`. */
  prepare(state: SessionState, data: object | undefined): (() => Promise<CookieAction>) | undefined {
    return this.committer.prepare(state, data);
  }

  touch(state: SessionState): Promise<CookieAction> {
    return this.committer.touch(state);
  }

  async reload(state: SessionState): Promise<void> {
    const stored = state.status === 'stored' ? await this.context.store.find(state.token.handle) : undefined;
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
    if (stored && (await this.context.store.remove(state.token.handle))) this.context.emit('destroyed', state);
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
        times: this.context.timesNow(state),
        ...(fresh && { userId: null }),
      };
      if (await this.context.store.replaceSecret(state.token.handle, state.epoch, change)) {
        state.regenerated(secret, change);
        this.context.emit('regenerated', state);
        return 'set';
      }
      if (!fresh) throw this.context.interrupted(state);
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
}
