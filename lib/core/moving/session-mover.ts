import { cookieFor } from '../token/request-cookie.js';
import { SessionError } from '../errors.js';
import { type LoginProtocol, LoginRefusal } from '../lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import type { MoveResult, SessionMover } from '../lifecycle/session-mover.interface.js';
import { endSession } from '../lifecycle/session-reports.js';
import type { ResolvedImporter } from '../options/resolve-moving-in.js';
import { hasExpired, idleTimeOf } from '../session/expiry.js';
import { SessionState } from '../session/session-state.js';
import type { MovingStore } from '../store/moving-store.interface.js';
import type { SessionStore, StoredSession } from '../store/session-store.interface.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';
import { type MovedSession, MoveRefusedError, toMovedSession } from './moved-session.js';
import { removalOf } from './old-cookies.js';
import type { FindOriginals, Original } from './originals.js';

/** A source, and how its sessions are found. */
export interface MovingSource {
  readonly importer: ResolvedImporter;
  readonly findOriginals: FindOriginals;
}

/**
 * An insert may be this much older than the look that it rests on. A tombstone stands for ten times
 * as long.
 */
const MAX_INSERT_AGE_MS = 60_000;
const MAX_ATTEMPTS = 5;

/**
 * `over`: the cookie opens nothing any more. `kept`: it may open something once the cause is fixed.
 */
type Outcome = SessionState | 'over' | 'kept';

/**
 * READ FIRST: how a session of another library is taken over, by any number of requests and
 * processes at once, without a lock.
 *
 * Nobody is logged out: the original is removed only by somebody who knows that the new document is
 * acknowledged, so one of the two is there until the session ends. Nothing is revived: a session is
 * opened only when its original is known to be gone, and a mover that has read the original before
 * can insert only at the derived handle, where the session or its tombstone is.
 */
export class OldSessionMover implements SessionMover {
  constructor(
    private readonly context: SessionContext,
    private readonly store: SessionStore & MovingStore,
    private readonly protocol: LoginProtocol,
    private readonly sources: readonly MovingSource[],
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  moveIn(exchange: HttpExchange, arrivedAt: number): Promise<MoveResult> | undefined {
    const { cookieHeader } = exchange;
    if (cookieHeader === undefined) return undefined;
    const now = this.context.now();
    const sources = this.sources.filter(
      ({ importer: { cookies, until } }) => now < until && cookieHeader.includes(`${cookies[0]!.name}=`),
    );
    return sources.length > 0 ? this.#moveFirst(sources, cookieHeader, exchange, arrivedAt) : undefined;
  }

  async #moveFirst(
    sources: readonly MovingSource[],
    cookieHeader: string,
    exchange: HttpExchange,
    arrivedAt: number,
  ): Promise<MoveResult> {
    const removals: string[] = [];
    for (const { importer, findOriginals } of sources) {
      const remove = () => {
        for (const cookie of importer.cookies) {
          const removal = removalOf(cookie, cookieFor(this.context.options.cookie, exchange), exchange.secure);
          if (removal !== undefined && !removals.includes(removal)) removals.push(removal);
        }
      };
      for (const original of await findOriginals(cookieHeader, exchange)) {
        const outcome = await this.#move(original, importer, arrivedAt);
        if (outcome !== 'kept') remove();
        if (typeof outcome === 'object') return { state: outcome, removals };
      }
    }
    return { state: undefined, removals };
  }

  async #move(original: Original, importer: ResolvedImporter, arrivedAt: number): Promise<Outcome> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const lookedAt = this.monotonicNow();
      const found = await this.#find(original);
      if (found === 'undecodable') return 'kept';
      if (found) return this.#open(found, original, arrivedAt);
      let moved: MovedSession | 'gone' | undefined;
      try {
        moved = await this.#read(original, importer);
      } catch (error) {
        if (!(error instanceof MoveRefusedError)) throw error;
        const { reason } = error;
        this.context.hooks.emit({ type: 'notMovedIn', ...this.#event, from: importer.from, reason });
        return 'kept';
      }
      if (moved === undefined) {
        await original.remove(this.context.now());
        return 'over';
      }
      if (moved === 'gone') {
        // Somebody else may have moved it between the two reads.
        const second = await this.#find(original);
        if (second === 'undecodable') return 'kept';
        return second ? this.#open(second, original, arrivedAt) : 'over';
      }
      if (this.monotonicNow() - lookedAt > MAX_INSERT_AGE_MS) continue;
      if (!(await this.store.insertIfFree(moved.session))) continue;
      const state = await this.#open(moved.session, original, arrivedAt);
      if (typeof state === 'object') {
        const { renamed, session } = moved;
        const event = { ...this.#event, handle: session.handle, from: importer.from, renamed };
        this.context.hooks.emit({ type: 'movedIn', ...event });
      }
      return state;
    }
    throw overtaken('others changed it each time');
  }

  async #read(original: Original, importer: ResolvedImporter): Promise<MovedSession | 'gone' | undefined> {
    const old = await original.read(this.context.now());
    if (!old) return 'gone';
    const { options, codec, hasher } = this.context;
    return toMovedSession({ options, codec, hasher, now: this.context.now() }, original.token, old, importer);
  }

  /**
   * Opens the session that stands in the original's place, once the original is known to be gone.
   */
  async #open(stored: StoredSession, original: Original, arrivedAt: number): Promise<SessionState | 'over'> {
    const { options, renewer } = this.context;
    const now = this.context.now();
    await original.remove(now);
    const { token } = original;
    const role = renewer.roleOf(token.secret, stored, idleTimeOf(options, stored.permanent), now);
    // A tombstone, another secret since a login, or its time is over.
    if (stored.epoch < 0 || !role || role === 'reused' || hasExpired(options, stored, now)) return 'over';
    if (!(await this.#takeSeat(stored))) return 'over';
    return SessionState.of(stored, token, role, arrivedAt);
  }

  /**
   * As a login of its user would, but never refused for want of a seat. If other logins come first
   * each time, the session stays, and the next request goes on from here. False: the user's
   * sessions were revoked.
   */
  async #takeSeat({ handle, userId, authenticatedAt = 0 }: StoredSession): Promise<boolean> {
    if (userId === undefined) return true;
    const { maxSessions, timeoutMs } = this.context.options;
    const attempt = {
      userId,
      handle,
      isSameUser: true,
      isMove: true,
      provedAfter: authenticatedAt,
      maxSessions: maxSessions === undefined ? undefined : Infinity,
      deadline: performance.now() + timeoutMs,
    };
    try {
      await this.protocol.run(attempt, async () => handle);
      return true;
    } catch (error) {
      if (!(error instanceof LoginRefusal)) throw error;
      if (error.code === 'SESSION_CONTENDED') throw overtaken('other logins of its user came first each time');
      if (!error.hasRemoved) await endSession(this.context, handle);
      return false;
    }
  }

  async #find({ token }: Original): Promise<StoredSession | 'undecodable' | undefined> {
    try {
      return await this.store.find(token.handle);
    } catch (error) {
      if (error instanceof SessionError && error.code === 'SESSION_UNDECODABLE') return 'undecodable';
      throw error;
    }
  }

  get #event() {
    return { name: this.context.options.name, at: this.context.now() };
  }
}

function overtaken(why: string): SessionError {
  const what = `A session of another library could not be taken over: ${why}.`;
  return new SessionError('SESSION_STORE_UNAVAILABLE', `${what} Send the request again.`);
}
