import { AsyncLocalStorage } from 'node:async_hooks';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { SessionState } from '../session/session-state.js';
import { isWatchableStore, requirePort } from '../store/store-ports.js';
import type { SessionStore } from '../store/session-store.interface.js';
import type { PeekedSession, WatchableStore } from '../store/watchable-store.interface.js';
import type { SessionHandle } from '../token/session-token.js';
import { BackgroundTimer } from './background-timer.js';
import { ChangeDoorbell } from './change-doorbell.js';
import { MultiMap } from './multi-map.js';
import type { SessionEvent } from './session-events.js';

/**
 * How a session has ended.
 *
 * - `ended`: it was destroyed, revoked or removed, or there was none.
 * - `expired`: its time was over.
 * - `replaced`: it goes on with another token, after a login or `regenerate()`. What was opened
 *   with the old one must not go on.
 */
export interface SessionEnd {
  readonly handle: SessionHandle;
  readonly why: 'ended' | 'expired' | 'replaced';
}

/** Who wants to know. One of the two is called, once. */
export interface EndListener {
  ended(end: SessionEnd): void;
  /** Nobody watches any more: the app is closed. */
  closed(): void;
}

/** A session as it was last known. Without an epoch, whatever has that handle is meant. */
interface Watch {
  handle: SessionHandle;
  epoch?: number;
  expiresAt?: number;
  readonly listener: EndListener;
}

const HANDLE = /^[0-9a-f]{24}$/i;
const MAX_PEEKED = 1000;
/** Between two looks at all sessions, while changes are heard. */
const POLL_WHILE_LISTENING_MS = 10_000;

/**
 * Tells when sessions end, in whichever process that happens. States are compared, not events
 * counted: a watch is listed first, then its session is looked at. An end before that look is seen
 * by it, and a later one by the next. What ends in this process is told at once. While the database
 * is away nothing is told.
 */
export class SessionEnds {
  readonly #watches = new MultiMap<SessionHandle, Watch>();
  /** Sessions of which nothing is stored yet: they are watched from their first write on. */
  readonly #unstored = new MultiMap<SessionState, Watch>();
  /** What is to be looked at as soon as can be. */
  readonly #due = new Set<SessionHandle>();
  readonly #outsideOfRequests = AsyncLocalStorage.snapshot();
  readonly #timer: BackgroundTimer;
  readonly #doorbell: ChangeDoorbell;
  #isLooking = false;
  #isClosed = false;

  constructor(
    private readonly store: SessionStore,
    private readonly options: Pick<ResolvedOptions, 'clock' | 'watch'>,
    log: { warn(message: string): void },
  ) {
    this.#timer = new BackgroundTimer(options.clock, () => this.#poll());
    this.#doorbell = new ChangeDoorbell(log, (handle) => this.#onRing(handle));
  }

  /** Throws `SESSION_OPTION_INVALID` if the store can't be watched. */
  get #watchable(): WatchableStore {
    return requirePort(this.store, 'WatchableStore', '`MongoSessions.ended()`');
  }

  /** Whether ends in other processes are heard of. */
  get isWatchable(): boolean {
    return isWatchableStore(this.store);
  }

  /**
   * Calls the listener when the session ends, until the function that the result returns is called.
   * @param session a request's session as it is now, or a handle: text from anywhere
   * @param where `'here'`: if the store can't be watched, ends in this process are enough
   */
  watch(session: SessionState | string, where?: 'here'): (listener: EndListener) => () => void {
    if (where !== 'here') void this.#watchable;
    if (typeof session === 'string') {
      const handle = session.toLowerCase();
      if (HANDLE.test(session)) return (listener) => this.#add({ handle, listener });
      return (listener) => this.#tell(listener, { handle: session, why: 'ended' });
    }
    if (session.status === 'new') return (listener) => this.#addUnstored(session, listener);
    const { token, epoch, expiresAt, status } = session;
    const { handle } = token;
    if (status === 'ended') return (listener) => this.#tell(listener, { handle, why: 'ended' });
    return (listener) => this.#add({ handle, epoch, expiresAt, listener });
  }

  /** A session was stored for the first time, or has got another epoch, in this process. */
  noteChange(state: SessionState): void {
    const { token, epoch, expiresAt } = state;
    const { handle } = token;
    for (const watch of this.#watches.get(handle))
      if (watch.epoch !== undefined && watch.epoch < epoch) this.#end(watch, 'replaced');
    for (const watch of this.#unstored.take(state)) this.#add(Object.assign(watch, { handle, epoch, expiresAt }));
  }

  /** Takes the ends out of what happens in this process. */
  noteEvent(event: SessionEvent): void {
    const { type } = event;
    if (type !== 'destroyed' && type !== 'revoked' && type !== 'expired') return;
    const why = type === 'expired' ? type : 'ended';
    for (const watch of this.#watches.get(event.handle)) this.#end(watch, why);
  }

  /** Lets go of every listener. Resolves when nothing is open any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer.stop();
    const watches = [...this.#watches.values(), ...this.#unstored.values()];
    this.#watches.clear();
    this.#unstored.clear();
    for (const { listener } of watches) this.#outsideOfRequests(() => listener.closed());
    await this.#doorbell.stop();
  }

  #add(watch: Watch): () => void {
    if (this.#isClosed) return this.#close(watch.listener);
    this.#watches.add(watch.handle, watch);
    if (!this.isWatchable) return () => this.#remove(watch);
    this.#outsideOfRequests(() => {
      if (this.options.watch.changeStream) this.#doorbell.start(this.#watchable);
      if (!this.#timer.isRunning) this.#timer.start(this.options.watch.every);
      this.#lookAt(watch.handle);
    });
    return () => this.#remove(watch);
  }

  #addUnstored(state: SessionState, listener: EndListener): () => void {
    if (this.#isClosed) return this.#close(listener);
    // It may have been stored between the call and the subscription.
    if (state.status !== 'new') return this.watch(state)(listener);
    const watch: Watch = { handle: '', listener };
    this.#unstored.add(state, watch);
    return () => {
      this.#unstored.delete(state, watch);
      this.#remove(watch);
    };
  }

  #remove(watch: Watch): boolean {
    return this.#watches.delete(watch.handle, watch);
  }

  #end(watch: Watch, why: SessionEnd['why']): void {
    if (this.#remove(watch)) this.#tell(watch.listener, { handle: watch.handle, why });
  }

  /** It may be told in the middle of a request of somebody else's. */
  #tell(listener: EndListener, end: SessionEnd): () => void {
    this.#outsideOfRequests(() => listener.ended(end));
    return () => {};
  }

  #close(listener: EndListener): () => void {
    listener.closed();
    return () => {};
  }

  /** At a fixed pace, however long a look takes. */
  #poll(): void {
    if (this.#watches.size === 0) {
      void this.#doorbell.stop();
      return;
    }
    this.#timer.start(this.#pollDelay());
    this.#lookAt(undefined);
  }

  /** Changes are heard, but the passing of time is not. */
  #pollDelay(): number {
    const { every } = this.options.watch;
    if (!this.#doorbell.isUp) return every;
    let next = Infinity;
    for (const { expiresAt = Infinity } of this.#watches.values()) next = Math.min(next, expiresAt);
    return Math.max(every, Math.min(next - this.options.clock.now(), POLL_WHILE_LISTENING_MS));
  }

  /** The doorbell has rung, for one session or for all. */
  #onRing(handle: SessionHandle | undefined): void {
    // Listening has begun, or has stopped: the pace changes.
    if (handle === undefined && this.#watches.size > 0) this.#timer.start(this.#pollDelay());
    this.#lookAt(handle);
  }

  #lookAt(handle: SessionHandle | undefined): void {
    if (handle === undefined) for (const each of this.#watches.keys()) this.#due.add(each);
    else if (this.#watches.has(handle)) this.#due.add(handle);
    if (this.#isLooking || this.#due.size === 0) return;
    this.#isLooking = true;
    void this.#look();
  }

  /**
   * One command at a time: what is asked for meanwhile, or in the same turn, shares the next one.
   */
  async #look(): Promise<void> {
    await Promise.resolve();
    while (this.#due.size > 0 && !this.#isClosed) {
      const handles = [...this.#due].slice(0, MAX_PEEKED);
      for (const handle of handles) this.#due.delete(handle);
      // Only what is listed before the command leaves may be judged by its result.
      const watches = handles.flatMap((handle) => this.#watches.get(handle));
      try {
        this.#compare(watches, await this.#watchable.peek(handles));
      } catch {
        // The database is away: the next poll asks for all of them again.
        this.#due.clear();
      }
    }
    this.#isLooking = false;
  }

  #compare(watches: readonly Watch[], peeked: readonly PeekedSession[]): void {
    const now = this.options.clock.now();
    const sessions = new Map(peeked.map((session) => [session.handle, session]));
    for (const watch of watches) {
      const session = sessions.get(watch.handle);
      if (!session) this.#end(watch, now >= (watch.expiresAt ?? Infinity) ? 'expired' : 'ended');
      else if (now >= session.expiresAt) this.#end(watch, 'expired');
      else if (session.epoch !== (watch.epoch ?? session.epoch)) this.#end(watch, 'replaced');
      else Object.assign(watch, { epoch: session.epoch, expiresAt: session.expiresAt });
    }
  }
}
