import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registration } from '../core/request/registration.js';
import type { SessionAccess } from '../core/request/session-access.interface.js';
import { isUpgrade } from './handshake-session.js';
import { findOf } from './request-sessions.js';
import { AMBIENT, setHiddenSlot } from './symbols.js';

/** In whose name code runs. */
interface AmbientHolder {
  find(registration: Registration): SessionAccess | undefined;
}

const storage = new AsyncLocalStorage<AmbientHolder>();

/** The session of the request that this code runs for; undefined: it runs for none. */
export function findAmbient(registration: Registration): SessionAccess | undefined {
  return storage.getStore()?.find(registration);
}

/**
 * Runs the rest of a request in its name. Not that of a handshake: messages of its socket would
 * find the session as it was then.
 */
export function enterRequest<A extends unknown[]>(
  request: IncomingMessage,
  response: ServerResponse,
  goOn: (...args: A) => void,
  ...args: A
): void {
  if (isUpgrade(request)) return goOn(...args);
  let holder = (request as Entered)[AMBIENT];
  if (!holder) setHiddenSlot(request, AMBIENT, (holder = new AmbientRequest(request, response)));
  storage.run(holder, goOn, ...args);
}

interface Entered {
  [AMBIENT]?: AmbientHolder;
}

/**
 * Runs a function in the name of one session. Those of other registrations are found as outside of
 * it.
 */
export function runWith<R>(access: SessionAccess, fn: () => R): R {
  const outer = storage.getStore();
  const find = (wanted: Registration) => (wanted === access.registration ? access : outer?.find(wanted));
  return storage.run({ find }, fn);
}

/**
 * What a handler started may outlive the response, such as a timer or a pooled connection. It must
 * not keep the request in memory. A handler that still runs has the request itself, so its session
 * is still found.
 */
class AmbientRequest implements AmbientHolder {
  #request: { deref(): object | undefined };

  constructor(request: object, response: ServerResponse) {
    this.#request = { deref: () => request };
    response.once('close', () => (this.#request = new WeakRef(request)));
  }

  find(registration: Registration): SessionAccess | undefined {
    return findOf(this.#request.deref(), registration);
  }
}
