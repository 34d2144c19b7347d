import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.js';
import { JobSessions } from '../../core/request/job-sessions.js';
import { freezeMethods } from '../../core/session/reserved-names.js';
import type { SessionObject } from '../../core/session/session.js';
import { isCountableStore } from '../../core/store/store-ports.js';
import type { RequestSession } from '../request-sessions.js';
import type { FaceMembers } from './face-proxy.js';
import { SessionView } from './session-view.js';

type Answer<T> = (error: unknown, result?: T) => void;

/** The public name of a session: its handle and epoch. */
const ID = /^([0-9a-f]{24})\.\d{1,15}$/;

/** `request.sessionStore`: what a store of another library can do that does no harm here. */
export class FaceSessionStore {
  readonly #access: RequestSession;
  readonly #members: FaceMembers;

  constructor(access: RequestSession, members: FaceMembers) {
    this.#access = access;
    this.#members = members;
  }

  /** A copy of a session's data, with its cookie; null: there is none. That is no use of it. */
  get(id: string, callback: Answer<object | null>): void {
    this.#answer(callback, async () => {
      const session = await this.#read(id);
      if (!session) return null;
      const view = new SessionView(this.#access, session, this.#members);
      return { ...view.toObject(), cookie: view.cookie.toJSON() };
    });
  }

  /** Ends a session. */
  destroy(id: string, callback?: Answer<undefined>): void {
    this.#answer(callback, async () => {
      const { manager, context } = this.#access.registration;
      const session = await this.#read(id);
      const state = session && (await manager.open(session.handle, context.now()));
      if (typeof state === 'object') await manager.destroy(state);
      return undefined;
    });
  }

  /** How many sessions have not ended. */
  length(callback: Answer<number>): void {
    this.#answer(callback, async () => {
      const { context } = this.#access.registration;
      if (isCountableStore(context.store)) return context.store.count(context.now());
      throw refused('length', 'Give the store of the option `store` a method `count()`.');
    });
  }

  async #read(id: unknown): Promise<SessionObject<object> | undefined> {
    const handle = typeof id === 'string' ? ID.exec(id)?.[1] : undefined;
    if (handle === undefined) return undefined;
    const sessions = new JobSessions(this.#access.registration, (error) => error);
    const session = await sessions.readUnlocked(handle);
    return session?.id === id ? session : undefined;
  }

  /** What the callback throws is its own. */
  #answer<T>(callback: Answer<T> | undefined, find: () => Promise<T>): void {
    const reply: Answer<T> = (error, result) =>
      process.nextTick(() => {
        if (typeof callback === 'function') callback(error, result);
      });
    find().then(
      (result) => reply(null, result),
      (error: unknown) => reply(this.#access.toFrameworkError(error)),
    );
  }
}

const MODEL = 'Query the model of the sessions, which InjectSessionModel() gives.';

/** What else a store of express-session has. */
const REFUSED: Readonly<Record<string, string>> = {
  all: MODEL,
  clear: 'Call revokeEverybody() of MongoSessions.',
  createSession: 'A session begins with its request.',
  generate: 'Call request.session.regenerate().',
  load: 'Call get(), or read() of MongoSessions.',
  regenerate: 'Call request.session.regenerate().',
  set: 'Change a session with edit() of MongoSessions.',
  touch: 'Call request.session.touch().',
};

for (const [name, fix] of Object.entries(REFUSED)) {
  /** Calls back with the refusal, or throws it if there is nobody to call. */
  const refuse = (...given: unknown[]) => {
    const callback = given.at(-1);
    const error = refused(name, fix);
    if (typeof callback !== 'function') throw error;
    process.nextTick(callback, error);
  };
  Object.defineProperty(FaceSessionStore.prototype, name, { value: refuse });
}

// A store of express-session emits events. A listener is nobody to call back.
for (const [name, method] of Object.entries(EventEmitter.prototype)) {
  if (typeof method !== 'function') continue;
  const refuse = () => {
    throw refused(name, 'Listen to the events of SessionEvents.');
  };
  Object.defineProperty(FaceSessionStore.prototype, name, { value: refuse });
}

freezeMethods(FaceSessionStore);

function refused(name: string, fix: string): SessionError {
  return new SessionError('SESSION_FACE_REFUSED', `request.sessionStore.${name}() does nothing here. ${fix}`);
}
