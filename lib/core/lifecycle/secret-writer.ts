import type { Kept } from '../session/operation-checks.js';
import { encodeChanges } from '../data/session-encoding.js';
import { EMPTY_DOCUMENT } from '../data/bson-elements.js';
import { toStoredKey } from '../data/stored-keys.js';
import { expiryOf } from '../session/expiry.js';
import { type Login, isSameUser } from '../session/login.js';
import { SessionState } from '../session/session-state.js';
import type { SecretReplacement } from '../store/session-store.interface.js';
import { type SessionHandle, createSecret } from '../token/session-token.js';
import type { SessionCommitter } from './session-committer.js';
import type { SessionContext } from './session-context.js';
import { reportLoggedIn } from './session-reports.js';
import { deviceAfter } from './session-use.js';

const NO_USER = { userId: null, authenticatedAt: null, amr: null };

/**
 * What was written to the store, and what the request does not know yet: until `apply` it can't
 * send the token.
 */
export interface WrittenSecret {
  readonly handle: SessionHandle;
  apply(): void;
}

/** Writes sessions that get a new token with a change of privilege. */
export class SecretWriter {
  constructor(
    private readonly context: SessionContext,
    private readonly committer: SessionCommitter,
  ) {}

  /**
   * A new secret for a stored session, and the next epoch. Undefined: there is no such session any
   * more.
   */
  async replace(state: SessionState, keep: Kept, login?: Login): Promise<WrittenSecret | undefined> {
    const { context } = this;
    const fresh = keep !== true && keep.length === 0;
    const changesUser = fresh || state.leavesUser || login !== undefined;
    // A token that has been replaced, and only serves requests in flight, can't be made into a
    // lasting one.
    if (state.status !== 'stored' || state.role === 'previous') return undefined;
    const now = context.now();
    const createdAt = fresh || login ? now : state.createdAt;
    const permanent = fresh ? context.options.permanent.initial : state.permanent;
    const expiresAt = expiryOf(context.options, { createdAt, lastSeenAt: now, permanent });
    const secret = createSecret();
    const device = changesUser ? deviceAfter(context, state, login) : undefined;
    const change: SecretReplacement = {
      secretHash: context.hasher.hash(secret),
      keep: keep === true ? keep : keep.map(toStoredKey),
      createdAt,
      times: { lastSeenAt: now, expiresAt },
      ...(changesUser && NO_USER),
      ...(login && { userId: login.userId, authenticatedAt: now, amr: login.amr ?? null }),
      ...(device && { device }),
    };
    if (!(await context.store.replaceSecret(context.targetOf(state), change))) return undefined;
    const apply = () => {
      const wasTheirs = login !== undefined && isSameUser(state.userId, login.userId);
      state.regenerated(secret, change, permanent);
      context.emit('regenerated', state);
      if (login) reportLoggedIn(context, state, wasTheirs);
    };
    return { handle: state.token.handle, apply };
  }

  /** Another session, which is that user's from the start. */
  async insert(state: SessionState, data: object, login: Login): Promise<WrittenSecret> {
    const { context } = this;
    const begun = new SessionState(state.arrivedAt);
    context.begin(begun, login);
    begun.client = state.client;
    begun.device = deviceAfter(context, state, login);
    const { document } = encodeChanges(context.codec, EMPTY_DOCUMENT, data, context.options);
    await this.committer.insert(begun, document);
    begun.isUnshared = true;
    const apply = () => {
      state.become(begun);
      context.emit('created', state);
      reportLoggedIn(context, state, false);
    };
    return { handle: begun.token.handle, apply };
  }

  /**
   * Throws where something would be kept of a session that has ended meanwhile: it must not come
   * back.
   */
  refuseLost(state: SessionState, keep: Kept): void {
    if (state.status !== 'new' && (keep === true || keep.length > 0)) throw this.context.interrupted(state);
  }
}
