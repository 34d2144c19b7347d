import { SessionError } from '../../core/errors.js';
import { dropChanges, leaveUser } from '../../core/request/request-intents.js';
import { type Callback, settle } from '../../core/session/callback.js';
import { BaseSession } from '../../core/session/session.js';
import type { RequestSession } from '../request-sessions.js';
import { AbsentFastifySession } from './absent-fastify-session.js';
import type { FaceCookie } from './face-cookie.js';
import { membersOf } from './face-proxy.js';
import { type FaceShape, RequestFace } from './request-face.js';
import type { SessionView } from './session-view.js';

/** The members that @fastify/session gives a session, and `data()` of @fastify/secure-session. */
class FastifyMembers {
  readonly #owner: FastifyRequestFace;
  readonly #view: SessionView;

  constructor(owner: FastifyRequestFace, view: SessionView) {
    this.#owner = owner;
    this.#view = view;
  }

  get sessionId(): string {
    if (!this.#view.isRetired) this.#owner.noteName(this.#view.liveSession);
    return this.#view.id;
  }

  /** Nobody is shown the token. */
  get encryptedSessionId(): undefined {
    return undefined;
  }

  get cookie(): FaceCookie {
    return this.#view.cookie;
  }

  set cookie(cookie: unknown) {
    this.#view.cookie = cookie;
  }

  /** Also data under the name of a member. */
  get(key: string): unknown {
    return key === 'cookie' ? this.cookie : this.#view.get(key);
  }

  set(key: string, value: unknown): void {
    if (key === 'cookie') this.cookie = value;
    else if (value === undefined) this.#view.delete(key);
    else this.#view.set(key, value);
  }

  /** A copy of the data. */
  data(): Record<string, unknown> {
    return this.#view.toObject();
  }

  touch(): Promise<void> {
    return this.#view.run((session) => session.touch());
  }

  save(callback?: Callback): Promise<void> | void {
    return answer(
      this.#view.run((session) => session.save()),
      callback,
    );
  }

  /** Of a session that is not stored, nothing is left. */
  reload(callback?: Callback): Promise<void> | void {
    const { registration } = this.#view.access;
    const reloading = this.#owner.replace(this.#view, async (session) => {
      if (session.isNew) dropChanges(session, registration);
      else await session.reload();
    });
    return answer(reloading, callback);
  }

  destroy(callback?: Callback): Promise<void> | void {
    return answer(this.#owner.end(this.#view), callback);
  }

  /** Of the data, these keys stay. Keys that are not there are ignored, as they are there. */
  regenerate(keys?: readonly string[] | Callback, callback?: Callback): Promise<void> | void {
    const [kept, done] = typeof keys === 'function' ? [undefined, keys] : [keys, callback];
    const regenerating = this.#owner.replace(this.#view, async (session) => {
      leaveUser(session, true);
      try {
        await session.regenerate(this.#view.storedKeys(Array.isArray(kept) ? kept : []));
      } finally {
        leaveUser(session, false);
      }
    });
    return answer(regenerating, done);
  }

  /** Whether something has changed that is not saved. */
  isModified(): boolean {
    if (this.#view.isRetired) return false;
    const { registration } = this.#view.access;
    const session = this.#view.liveSession;
    return registration.committer.hasChanges(BaseSession.stateOf(session)!, session);
  }

  /** Whether the session is stored as it is here. */
  isSaved(): boolean {
    if (this.#view.isRetired || this.isModified()) return false;
    return BaseSession.stateOf(this.#view.liveSession)!.status === 'stored';
  }

  options(): never {
    const fix = 'Set session.cookie.maxAge for this session, or the option `cookie` of the module for all of them.';
    throw new SessionError('SESSION_FACE_REFUSED', `request.session.options() does nothing here. ${fix}`);
  }
}

const SHAPE: FaceShape = { members: membersOf(FastifyMembers), ownNames: ['cookie'], afterEnd: null };

/** `request.session` as @fastify/session has it. */
export class FastifyRequestFace extends RequestFace {
  #absent: AbsentFastifySession | undefined;

  constructor(access: RequestSession) {
    super(access, SHAPE);
  }

  protected createObject(view: SessionView): object {
    return new FastifyMembers(this, view);
  }

  override get shown(): object | null {
    const shown = super.shown;
    return shown === undefined ? (this.#absent ??= new AbsentFastifySession(this.access)) : shown;
  }
}

/** With null for "no error", which is what callbacks of stores get there. */
function answer(promise: Promise<void>, callback: Callback | undefined): Promise<void> | void {
  return settle(promise, typeof callback === 'function' ? (error) => callback(error ?? null) : undefined);
}
