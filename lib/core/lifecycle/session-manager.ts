import type { Kept } from '../session/operation-checks.js';
import { refuseSealed } from '../encryption/sealed-document.js';
import { SessionError } from '../errors.js';
import type { CookieAction, SessionContext } from './session-context.js';
import type { SessionEnd } from './session-ends.js';
import { endSession } from './session-reports.js';
import type { SecretWriter } from './secret-writer.js';
import type { PresentedToken } from '../token/token-format.js';
import { hasExpired, idleTimeOf } from '../session/expiry.js';
import { SessionState } from '../session/session-state.js';
import type { SecretRole } from '../token/renewal.js';
import type { SessionHandle, SessionToken } from '../token/session-token.js';
import type { StoredSession } from '../store/session-store.interface.js';

/** The life of a session in the store: load, commit, end, renew. Knows nothing of HTTP. */
export class SessionManager {
  constructor(
    private readonly context: SessionContext,
    private readonly secrets: SecretWriter,
  ) {}

  /**
   * The first of these tokens that opens a living session. An unknown, forged or expired one opens
   * nothing, which the client can't tell from having brought none.
   */
  async load(
    tokens: readonly PresentedToken[],
    address: string | undefined,
    arrivedAt: number,
  ): Promise<SessionState | undefined> {
    const { context } = this;
    // At once, so that they can share a command. Those behind the one that opens a session are not
    // looked at.
    const reads = tokens.map((token) => this.#read(token.handle));
    if (reads.length > 1) void Promise.allSettled(reads);
    const ended = new Set<SessionHandle>();
    for (const [index, token] of tokens.entries()) {
      // What was read before a reused token has ended it.
      const stored = ended.has(token.handle) ? undefined : await reads[index];
      if (typeof stored !== 'object') {
        context.reject(stored ?? 'unknown', address, token);
        continue;
      }
      const now = this.context.now();
      const role = this.#roleOf(token, stored, now);
      if (!role) context.reject('secret', address, token);
      else if (role === 'reused') {
        context.reject('reused', address, token);
        if (context.options.onReusedToken === 'ignore') continue;
        await endSession(context, token.handle);
        ended.add(token.handle);
      } else if (hasExpired(this.context.options, stored, now)) context.reject('expired', address, token);
      else return SessionState.of(stored, token, role, arrivedAt);
    }
    return undefined;
  }

  /**
   * The living session with this handle, without a token; or why there is none.
   * @param epoch as it was when the session was opened by its token. Absent: whatever it is
   */
  async open(handle: SessionHandle, arrivedAt: number, epoch?: number): Promise<SessionState | SessionEnd['why']> {
    const stored = await this.#read(handle);
    if (typeof stored !== 'object') return 'ended';
    if (hasExpired(this.context.options, stored, this.context.now())) return 'expired';
    if (epoch !== undefined && stored.epoch !== epoch) return 'replaced';
    return SessionState.byHandle(stored, arrivedAt);
  }

  #roleOf({ secret }: SessionToken, stored: StoredSession, now: number): SecretRole | 'reused' | undefined {
    const { options, renewer } = this.context;
    return renewer.roleOf(secret, stored, idleTimeOf(options, stored.permanent), now);
  }

  /**
   * What can't be decrypted is no session: a key that is gone logs out those it belonged to, and
   * breaks nothing else.
   */
  async #read(handle: SessionHandle): Promise<StoredSession | undefined | 'undecodable'> {
    try {
      const stored = await this.context.store.find(handle);
      // A tombstone.
      if (stored && stored.epoch < 0) return undefined;
      if (stored && !this.context.options.encryption) refuseSealed(stored);
      return stored;
    } catch (error) {
      if (error instanceof SessionError && error.code === 'SESSION_UNDECODABLE') return 'undecodable';
      throw error;
    }
  }

  async reload(state: SessionState): Promise<void> {
    const stored = state.status === 'stored' ? await this.#read(state.token.handle) : undefined;
    if (
      typeof stored === 'object' &&
      (stored.epoch === state.epoch || state.isOfJob) &&
      !hasExpired(this.context.options, stored, this.context.now())
    ) {
      const role = state.isByHandle ? 'current' : this.#roleOf(state.token, stored, this.context.now());
      if (role && role !== 'reused') return state.refresh(stored, role);
    }
    if (state.status === 'stored') this.context.lost(state);
    throw new SessionError(
      'SESSION_ENDED',
      'session.reload() failed because the session was never saved or has ended. Check session.isNew first, or catch SESSION_ENDED.',
    );
  }

  async destroy(state: SessionState): Promise<void> {
    // Also one that was found to have got another token, for what that has opened shall end too.
    if (state.status === 'stored' || state.isInterrupted) await endSession(this.context, state.token.handle);
    state.ended();
    state.isInterrupted = false;
  }

  /**
   * A new secret for the session, and the next epoch. Where nothing is kept, it is a new session in
   * all but its handle: user and persistence are gone, and the clocks restart.
   */
  async regenerate(state: SessionState, keep: Kept): Promise<CookieAction> {
    const written = await this.secrets.replace(state, keep);
    if (written) {
      written.apply();
      return 'set';
    }
    this.secrets.refuseLost(state, keep);
    // Another session begins, stored as soon as it has data.
    this.context.begin(state);
    return undefined;
  }

  /** `permanent` as `session.permanent` takes it: true, milliseconds of idle time, or false. */
  setPermanent(state: SessionState, permanent: boolean | number): void {
    const { idleTimeout } = this.context.options.permanent;
    const milliseconds = permanent === true ? idleTimeout : permanent === false ? undefined : permanent;
    if (milliseconds !== undefined && !(milliseconds >= 1 && milliseconds <= idleTimeout)) {
      const fix = `Give true, false, or milliseconds from 1 to \`permanent.idleTimeout\` (${idleTimeout}); to end the session, call destroy().`;
      // It may come from a request: what is no number is not shown.
      const what = typeof permanent === 'number' ? permanent : `of the type ${typeof permanent}`;
      throw new SessionError('SESSION_OPTION_INVALID', `session.permanent can't be ${what}. ${fix}`);
    }
    state.permanent = milliseconds === undefined ? undefined : Math.round(milliseconds);
  }
}
