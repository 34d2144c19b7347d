import { dropChanges, endWithRequest, keepEmpty } from '../../core/request/request-intents.js';
import { type Callback, settle } from '../../core/session/callback.js';
import type { RegenerateOptions, SaveOptions } from '../../core/session/session-operations.interface.js';
import type { RequestSession } from '../request-sessions.js';
import type { FaceCookie } from './face-cookie.js';
import { membersOf } from './face-proxy.js';
import { type FaceShape, RequestFace } from './request-face.js';
import type { SessionView } from './session-view.js';

/** The members that express-session gives a session. */
class ExpressMembers {
  readonly #owner: ExpressRequestFace;
  readonly #view: SessionView;

  constructor(owner: ExpressRequestFace, view: SessionView) {
    this.#owner = owner;
    this.#view = view;
  }

  get id(): string {
    if (!this.#view.isRetired) this.#owner.noteName(this.#view.liveSession);
    return this.#view.id;
  }

  get cookie(): FaceCookie {
    return this.#view.cookie;
  }

  set cookie(cookie: unknown) {
    this.#view.cookie = cookie;
  }

  save(options?: SaveOptions | Callback, callback?: Callback): Promise<void> | void {
    const [given, done] = typeof options === 'function' ? [{}, options] : [options ?? {}, callback];
    return settle(
      this.#view.run((session) => session.save(given)),
      done,
    );
  }

  reload(callback?: Callback): Promise<void> | void {
    return settle(
      this.#view.run((session) => session.reload()),
      callback,
    );
  }

  touch(callback?: Callback): object | undefined {
    void settle(
      this.#view.run((session) => session.touch()),
      callback,
    );
    return this.#view.face;
  }

  resetMaxAge(): object | undefined {
    return this.touch();
  }

  destroy(callback?: Callback): Promise<void> | void {
    return settle(this.#owner.end(this.#view), callback);
  }

  regenerate(options?: RegenerateOptions | readonly string[] | Callback, callback?: Callback): Promise<void> | void {
    const [given, done] = typeof options === 'function' ? [{}, options] : [options ?? {}, callback];
    return settle(
      this.#owner.replace(this.#view, (session) => session.regenerate(given)),
      done,
    );
  }
}

const SHAPE: FaceShape = { members: membersOf(ExpressMembers), ownNames: ['cookie'], afterEnd: undefined };

/** `request.session` as express-session has it. */
export class ExpressRequestFace extends RequestFace {
  #isUnset = false;

  constructor(access: RequestSession) {
    super(access, SHAPE);
  }

  protected createObject(view: SessionView): object {
    return new ExpressMembers(this, view);
  }

  override get shown(): object | null | undefined {
    return this.#isUnset ? null : super.shown;
  }

  /** Null, undefined and false give up the session, as the option `unset` says. */
  override assign(value: unknown): void {
    if (value !== null && value !== undefined && value !== false) return super.assign(value);
    const session = this.access.sessionIfAny;
    this.#isUnset = true;
    if (!session) return;
    const { registration } = this.access;
    keepEmpty(session, false);
    if (registration.options.requestSession.unset === 'keep') dropChanges(session, registration);
    else endWithRequest(session, true);
  }
}
