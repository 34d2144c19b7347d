import type { CookieAction, SessionContext } from './session-context.js';
import { messageOf } from './session-context.js';
import { EMPTY_DOCUMENT, isEmptyDocument } from '../data/bson-elements.js';
import type { DataDiff } from '../data/session-diff.js';
import { encodeChanges } from '../data/session-encoding.js';
import { isFace } from '../options/resolve-request-session.js';
import type { RenewalStep } from '../token/renewal.js';
import type { SessionState, SessionUse } from '../session/session-state.js';
import { reportDestroyed } from './session-reports.js';
import { dueUse, fullUse } from './session-use.js';

/** Finds out what a request has changed, and writes that and nothing else. */
export class SessionCommitter {
  constructor(private readonly context: SessionContext) {}

  /**
   * What has to be written so that the store holds `data` (undefined: nobody looked at the data)
   * and knows that the session is in use. Undefined when that is nothing, without having asked the
   * store.
   */
  prepare(
    state: SessionState,
    data: object | undefined,
    canSetCookie: boolean,
  ): (() => Promise<CookieAction>) | undefined {
    const commit = this.#prepareCommit(state, data, canSetCookie);
    const step = state.status === 'stored' ? this.#renewalStep(state, canSetCookie) : undefined;
    return step ? async () => this.#renewToken(state, step, await commit?.()) : commit;
  }

  /** Whether `data` holds what the store does not. */
  hasChanges(state: SessionState, data: object): boolean {
    if (state.status !== 'stored')
      return state.status === 'new' && Object.values(data).some((value) => value !== undefined);
    try {
      const { diff } = encodeChanges(this.context.codec, state.snapshot, data, this.context.options);
      return diff !== undefined || state.permanent !== state.storedPermanent;
    } catch {
      return true;
    }
  }

  #prepareCommit(
    state: SessionState,
    data: object | undefined,
    canSetCookie: boolean,
  ): (() => Promise<CookieAction>) | undefined {
    if (state.status === 'ended') return undefined;
    const { codec, options } = this.context;
    const { document, diff } = data
      ? encodeChanges(codec, state.snapshot, data, options)
      : { document: state.snapshot, diff: undefined };
    const isKept = state.isKeptEmpty || state.storesEmpty;
    const empty = isEmptyDocument(document) && state.userId === undefined && !isKept;
    if (state.status === 'new') return empty ? undefined : () => this.#create(state, document);
    if (data && empty && (diff || !state.refilledConcurrently)) return () => this.#empty(state, diff);
    if (diff || state.permanent !== state.storedPermanent) return () => this.#update(state, document, diff);
    return this.#quietTouchIsDue(state, canSetCookie) ? () => this.#touchQuietly(state) : undefined;
  }

  /**
   * Once per request: its use is its arrival, however long it takes. A token is signed again only
   * after a touch has shown that it is not replaced.
   */
  #quietTouchIsDue(state: SessionState, canSetCookie: boolean): boolean {
    if (state.hasTouched) return false;
    if (state.needsResigning && !state.hasNewerToken && canSetCookie) return true;
    return dueUse(this.context, state) !== undefined;
  }

  /** The app says that the session is in use at this moment. */
  async touch(state: SessionState): Promise<CookieAction> {
    if (state.isInterrupted) throw this.context.interrupted(state);
    if (state.status !== 'stored') return undefined;
    state.usedAt = this.context.now();
    if (state.permanent !== state.storedPermanent) return this.#update(state, state.snapshot, undefined);
    const use = fullUse(this.context, state);
    if (!(await this.#writeUse(state, use))) throw this.context.interrupted(state);
    return this.#actionAfter(use, state);
  }

  async #writeUse(state: SessionState, use: SessionUse): Promise<boolean> {
    const isWritten = await this.context.store.update(this.context.targetOf(state), use);
    if (isWritten) state.saved(state.snapshot, state.storedPermanent, use);
    return isWritten;
  }

  /** The cookie lasts as long as the session, and so does what the client keeps. */
  #actionAfter({ times }: SessionUse, { permanent, needsResigning }: SessionState): CookieAction {
    return (times && permanent !== undefined) || needsResigning ? 'refresh' : undefined;
  }

  async #create(state: SessionState, data: Uint8Array): Promise<CookieAction> {
    await this.insert(state, data);
    this.context.emit('created', state);
    return 'set';
  }

  /** Stores a session for the first time. */
  async insert(state: SessionState, data: Uint8Array): Promise<void> {
    const { token, epoch, createdAt, userId, authenticatedAt, amr, permanent, device } = state;
    const times = this.context.timesAt(state.usedAt, state);
    await this.context.store.insert({
      handle: token.handle,
      secretHash: this.context.hasher.hash(token.secret),
      epoch,
      data,
      createdAt,
      ...times,
      ...(userId !== undefined && { userId }),
      ...(authenticatedAt !== undefined && { authenticatedAt }),
      ...(amr && { amr }),
      ...(permanent !== undefined && { permanent }),
      ...(device && { device }),
    });
    state.saved(data, permanent, { times });
  }

  async #update(state: SessionState, data: Uint8Array, diff: DataDiff | undefined): Promise<CookieAction> {
    const { permanent } = state;
    const moved = permanent !== state.storedPermanent;
    // Its new end counts from now, or a parallel request's later use would be forgotten.
    if (moved) state.usedAt = this.context.now();
    const isFull = moved || (diff !== undefined && this.#sendsCookieAgain(state));
    const use = isFull ? fullUse(this.context, state) : (dueUse(this.context, state) ?? {});
    const change = { ...diff, ...use, ...(moved && { permanent: permanent ?? null }) };
    // Nobody else can have filled a session whose token has not left.
    const checked = diff && !state.isUnshared ? { data, diff } : undefined;
    const target = this.context.targetOf(state, checked);
    if (!(await this.context.store.update(target, change))) throw this.context.interrupted(state);
    state.saved(data, permanent, use);
    return moved ? 'refresh' : this.#actionAfter(use, state);
  }

  /** As express-session does with a session that has changed and outlives the browser. */
  #sendsCookieAgain({ permanent, countsAsUse }: SessionState): boolean {
    return permanent !== undefined && countsAsUse && isFace(this.context.options.requestSession.as);
  }

  /** Removes an emptied session, unless a parallel request has put something in since. */
  async #empty(state: SessionState, diff: DataDiff | undefined): Promise<CookieAction> {
    const { context } = this;
    if (diff && !(await context.store.update(context.targetOf(state), diff))) throw context.interrupted(state);
    state.saved(EMPTY_DOCUMENT, state.storedPermanent);
    if (!(await context.store.removeIfEmpty(context.targetOf(state)))) {
      state.refilledConcurrently = true;
      return undefined;
    }
    const { token, epoch, createdAt, lastSeenAt, expiresAt } = state;
    const { handle } = token;
    reportDestroyed(context, handle, { handle, epoch, createdAt, lastSeenAt, expiresAt, data: EMPTY_DOCUMENT });
    // What comes after an explicit `save()` of nothing is not lost, but another session.
    context.begin(state);
    return 'clear';
  }

  /**
   * Nothing is lost when it fails, or finds no session: that ends a little early, or has ended,
   * which the next request will see.
   */
  async #touchQuietly(state: SessionState): Promise<CookieAction> {
    state.hasTouched = true;
    try {
      // One that is due for its signature alone is a full one too.
      const use = dueUse(this.context, state) ?? fullUse(this.context, state);
      return (await this.#writeUse(state, use)) ? this.#actionAfter(use, state) : undefined;
    } catch (error) {
      this.context.hooks.log.warn(
        `The time of last use could not be written (the answer is not held up): ${messageOf(error)}`,
      );
      return undefined;
    }
  }

  #renewalStep(state: SessionState, canSetCookie: boolean): RenewalStep | undefined {
    if (!state.renewal) return undefined;
    const step = this.context.renewer.nextStep(state.renewal, this.context.now());
    return step?.secret && !canSetCookie ? undefined : step;
  }

  /**
   * A renewal that fails, or that another request was quicker with, comes with a later request:
   * this one does not try again.
   */
  async #renewToken(state: SessionState, step: RenewalStep, action: CookieAction): Promise<CookieAction> {
    const { store } = this.context;
    const revision = step.renewal.revision - 1;
    if (state.status !== 'stored') return action;
    let taken = false;
    try {
      taken = await store.renewToken(this.context.targetOf(state), revision, step.secretHash, step.renewal);
    } catch (error) {
      this.context.hooks.log.warn(`A token could not be renewed (the answer is not held up): ${messageOf(error)}`);
    }
    if (taken) state.renewed(step);
    else state.renewalFailed();
    if (!taken || !step.secret) return action;
    this.context.emit('renewed', state);
    return 'set';
  }
}
