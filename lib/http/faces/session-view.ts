import { SessionError } from '../../core/errors.js';
import { setOwn } from '../../core/data/plain-property.js';
import { LEGACY_PREFIX } from '../../core/session/reserved-names.js';
import { BaseSession, RESERVED_NAMES, type SessionObject } from '../../core/session/session.js';
import type { RequestSession } from '../request-sessions.js';
import { FaceCookie } from './face-cookie.js';
import { SessionCookieSource } from './session-cookie-source.js';

type Data = Record<PropertyKey, unknown>;

/** What every object inherits. Not `constructor`, which leads to what all objects share. */
const INHERITED = new Set([
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
]);

/**
 * What a face shows of a session: its data, under the names of another library. Names of our
 * members are free there, so such data are kept under `legacy:<name>`. A retired view has a copy of
 * the data, and reaches the session no longer.
 */
export class SessionView {
  /** The object that shows it. */
  face: object | undefined;
  #copy: Data | undefined;
  #lastId = '';
  #cookie: FaceCookie | undefined;

  /** @param members names of the face's own members, which hide data of these names */
  constructor(
    readonly access: RequestSession,
    private readonly session: SessionObject<object>,
    private readonly members: { has(name: string): boolean },
  ) {}

  get isRetired(): boolean {
    return this.#copy !== undefined;
  }

  /** From now on it is the session as it was. */
  retire(): void {
    if (this.#copy) return;
    this.#lastId = this.session.id;
    FaceCookie.detach(this.cookie);
    this.#copy = copyOf(this.session);
  }

  /** The session, or the copy of its data. */
  get data(): Data {
    return this.#copy ?? (this.session as unknown as Data);
  }

  get cookie(): FaceCookie {
    return (this.#cookie ??= FaceCookie.of(new SessionCookieSource(this)));
  }

  /** Of another face's cookie, only how long it lasts is taken over. */
  set cookie(cookie: unknown) {
    if (!(cookie instanceof FaceCookie)) throw cookieError();
    if (cookie !== this.cookie) this.cookie.maxAge = cookie.originalMaxAge;
  }

  get id(): string {
    return this.#copy ? this.#lastId : this.session.id;
  }

  /** The session. Throws `SESSION_ENDED` if the view is retired. */
  get liveSession(): SessionObject<object> {
    if (this.#copy) throw this.access.toFrameworkError(retiredError());
    return this.session;
  }

  /** Does something with the session. If nobody handles its rejection, it is logged. */
  run(operation: (session: SessionObject<object>) => Promise<void>): Promise<void> {
    return BaseSession.operationsOf(this.session)!.hand(async () => operation(this.liveSession));
  }

  get(name: string): unknown {
    const { data } = this;
    const key = keyOf(name);
    if (Object.hasOwn(data, key)) return data[key];
    return INHERITED.has(name) ? (Object.prototype as unknown as Data)[name] : undefined;
  }

  set(name: string, value: unknown): void {
    this.data[keyOf(name)] = value;
  }

  delete(name: string): void {
    delete this.data[keyOf(name)];
  }

  hasOwn(name: string): boolean {
    return !this.members.has(name) && Object.hasOwn(this.data, keyOf(name));
  }

  /** The names of all data that no member hides. */
  names(): string[] {
    return Object.keys(this.data)
      .map((key) => this.#nameOf(key))
      .filter((name) => !this.members.has(name));
  }

  /** A copy of the data, under the names of the face. */
  toObject(): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const name of this.names()) setOwn(copy, name, this.get(name));
    return copy;
  }

  /** The keys of the data of these names, as far as there are any. */
  storedKeys(names: readonly unknown[]): string[] {
    const keys = names.filter((name) => typeof name === 'string').map(keyOf);
    return keys.filter((key) => Object.hasOwn(this.data, key));
  }

  /** Data under a name that is a member here and there are shown as they are stored. */
  #nameOf(key: string): string {
    const name = key.startsWith(LEGACY_PREFIX) ? key.slice(LEGACY_PREFIX.length) : key;
    return RESERVED_NAMES.has(name) && !this.members.has(name) ? name : key;
  }
}

/** A value that can't be decoded fails who reads it, and not who ends the session. */
function copyOf(session: object): Data {
  const copy = Object.create(null) as Data;
  for (const key of Object.keys(session)) {
    try {
      copy[key] = (session as Data)[key];
    } catch (error) {
      const get = () => {
        throw error;
      };
      Object.defineProperty(copy, key, { get, enumerable: true, configurable: true });
    }
  }
  return copy;
}

function keyOf(name: string): string {
  return RESERVED_NAMES.has(name) ? LEGACY_PREFIX + name : name;
}

function cookieError(): SessionError {
  const fix = 'Assign to session.cookie.maxAge or .expires; the rest is the option `cookie` of the module.';
  return new SessionError('SESSION_OPTION_INVALID', `session.cookie can't be replaced. ${fix}`);
}

function retiredError(): SessionError {
  const problem = 'This session object is over, since destroy() or regenerate() was called on it.';
  return new SessionError('SESSION_ENDED', `${problem} Use request.session again, which is another object.`);
}
