import { freezeDeeply } from '../data/freeze-deeply.js';
import { LazyValues } from '../data/lazy-values.js';
import { SessionError } from '../errors.js';
import { BaseSession, RESERVED_NAMES } from './session.js';
import type { CookieSettings, SessionOperations } from './session-operations.interface.js';

/**
 * The prototype of sessions that can only be read. It refuses assignments of new keys, as
 * `Object.freeze` does. A frozen object could not be filled again by `reload()`.
 */
const READONLY: object = new Proxy(Object.create(BaseSession.prototype) as object, {
  // Members refuse by themselves, and say why.
  set: (target, key, value, session) => RESERVED_NAMES.has(key as string) && Reflect.set(target, key, value, session),
  defineProperty: () => false,
  setPrototypeOf: () => false,
});

/**
 * From now on assigning to the session throws a TypeError, and methods that write throw
 * `SESSION_READ_ONLY`.
 */
export function makeReadonly(session: BaseSession, operations: SessionOperations): void {
  BaseSession.useOperations(session, new ReadonlyOperations(operations));
  lock(session);
}

/** Lets go of a session that can only be read while `fill` gives it its data. */
export function fillUnlocked<T>(session: BaseSession, fill: () => T): T {
  if (Object.getPrototypeOf(session) !== READONLY) return fill();
  Object.setPrototypeOf(session, BaseSession.prototype);
  try {
    return fill();
  } finally {
    lock(session);
  }
}

const NO_SETTER = { set: undefined } as object as PropertyDescriptor;

function lock(session: BaseSession): void {
  LazyValues.of(session)?.decodeAll();
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(session))) {
    // A value that can't be decoded still fails the code that reads it.
    if (property.get) Object.defineProperty(session, key, NO_SETTER);
    else Object.defineProperty(session, key, { value: freezeDeeply(property.value as unknown), writable: false });
  }
  Object.setPrototypeOf(session, READONLY);
}

class ReadonlyOperations implements SessionOperations {
  readonly save = this.#refusal('save()');
  readonly touch = this.#refusal('touch()');
  readonly destroy = this.#refusal('destroy()');
  readonly regenerate = this.#refusal('regenerate()');
  readonly login = this.#refusal('login()');
  readonly logout = this.#refusal('logout()');
  readonly modify = this.#refusal('increment(), push(), take() or update()');
  readonly compareAndSet = this.#refusal('compareAndSet()');

  constructor(private readonly inner: SessionOperations) {}

  hand<T>(operation: () => Promise<T>): Promise<T> {
    return this.inner.hand(operation);
  }

  reload(): Promise<void> {
    return this.inner.reload();
  }

  get registration(): SessionOperations['registration'] {
    return this.inner.registration;
  }

  get exchange(): SessionOperations['exchange'] {
    return this.inner.exchange;
  }

  setPermanent(): never {
    throw readonlyError('permanent');
  }

  get cookieSettings(): CookieSettings {
    return this.inner.cookieSettings;
  }

  expiresAt(): number {
    return this.inner.expiresAt();
  }

  now(): number {
    return this.inner.now();
  }

  #refusal(member: string): () => Promise<never> {
    return () => this.inner.hand(() => Promise.reject(readonlyError(member)));
  }
}

/** Refuses what would write a session that can only be read, before anything else is done. */
export function refuseReadonly(session: BaseSession, member: string): void {
  if (BaseSession.operationsOf(session) instanceof ReadonlyOperations) throw readonlyError(member);
}

function readonlyError(member: string): SessionError {
  const problem = `session.${member} would write, and this session can only be read.`;
  const fix = 'Use `sessions.edit(handle, ...)`, or `from(client)` on a socket, or leave out `@ReadonlySession()`.';
  return new SessionError('SESSION_READ_ONLY', `${problem} ${fix}`);
}
