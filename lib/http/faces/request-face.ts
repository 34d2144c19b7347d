import { SessionError } from '../../core/errors.js';
import { keepEmpty } from '../../core/request/request-intents.js';
import { BaseSession, type SessionObject } from '../../core/session/session.js';
import type { RequestSession } from '../request-sessions.js';
import { type FaceMembers, createFaceProxy } from './face-proxy.js';
import { FaceSessionStore } from './face-session-store.js';
import { SessionView } from './session-view.js';

/** How one kind of face looks. */
export interface FaceShape {
  readonly members: FaceMembers;
  /** Members that are listed among the data, as own properties. */
  readonly ownNames: readonly string[];
  /** What `request.session` is after `destroy()`. */
  readonly afterEnd: null | undefined;
}

/**
 * What `request.session` shows during one request, if it shows our session as one of another
 * library: a face, and after `regenerate()` another one. A subclass is one kind of face.
 */
export abstract class RequestFace {
  #current: { readonly view: SessionView; readonly face: object } | undefined;
  #isEnding = false;
  #store: FaceSessionStore | undefined;

  constructor(
    readonly access: RequestSession,
    private readonly shape: FaceShape,
  ) {}

  /** An instance of the face's class, whose members work on the view. */
  protected abstract createObject(view: SessionView): object;

  /** `request.session`. Throws if the session can't be read. */
  get shown(): object | null | undefined {
    const session = this.access.sessionIfAny;
    if (!session) return undefined;
    const { status, isInterrupted } = BaseSession.stateOf(session)!;
    // What another request has ended can still tell so: by rejecting.
    if (this.#isEnding || (status === 'ended' && !isInterrupted)) return this.shape.afterEnd;
    return (this.#current ??= this.#create(session)).face;
  }

  #create(session: SessionObject<object>) {
    const { members, ownNames } = this.shape;
    const view = new SessionView(this.access, session, members);
    const face = createFaceProxy(view, members, this.createObject(view), ownNames);
    view.face = face;
    return { view, face };
  }

  /** An assignment to `request.session`. */
  assign(value: unknown): void {
    if (value !== this.#current?.face)
      throw new SessionError(
        'SESSION_VALUE_REFUSED',
        'request.session can not be replaced. Change its keys, or call `regenerate()` or `destroy()`.',
      );
  }

  /** The session's public name. */
  get sessionID(): string | undefined {
    const session = this.access.sessionIfAny;
    if (session) this.noteName(session);
    return session?.id;
  }

  /** Somebody asks for the session's name, and may keep it. An access log tells no client. */
  noteName(session: SessionObject<object>): void {
    const { registration, isAnswered } = this.access;
    if (registration.options.requestSession.storeEmpty === 'when-named' && !isAnswered) keepEmpty(session);
  }

  /** `request.sessionStore`. */
  get sessionStore(): FaceSessionStore {
    return (this.#store ??= new FaceSessionStore(this.access, this.shape.members));
  }

  /**
   * Runs what makes another session of this one. From now on the present face reaches nothing, and
   * afterwards there is another one.
   */
  replace(view: SessionView, operation: (session: SessionObject<object>) => Promise<void>): Promise<void> {
    return this.#retireAnd(view, async (session) => {
      try {
        await operation(session);
      } finally {
        this.#current = undefined;
      }
    });
  }

  /** Ends the session. From now on there is no face. */
  end(view: SessionView): Promise<void> {
    return this.#retireAnd(view, async (session) => {
      this.#isEnding = true;
      try {
        await session.destroy();
      } finally {
        this.#isEnding = false;
        this.#current = undefined;
      }
    });
  }

  #retireAnd(view: SessionView, operation: (session: SessionObject<object>) => Promise<void>): Promise<void> {
    return view.run((session) => {
      view.retire();
      return operation(session);
    });
  }
}
