/** On a request: the session of its first registration, which leads to the others. */
export const REQUEST_SESSIONS = Symbol('nestjs-mongo-sessions');

/** On a guarded response: its gate. */
export const GATE = Symbol('nestjs-mongo-sessions.gate');

/** On a request, with the option `ambient`: what its async context holds. */
export const AMBIENT = Symbol('nestjs-mongo-sessions.ambient');

/** On a session of a request: what `request.session` shows, if it is a face. */
export const FACE = Symbol('nestjs-mongo-sessions.face');

/** Not enumerable, so printing a request or a response prints no sessions. */
export function setHiddenSlot(object: object, slot: symbol, value: unknown): void {
  HIDDEN.value = value;
  Object.defineProperty(object, slot, HIDDEN);
  HIDDEN.value = undefined;
}

/** Reused, because a descriptor for each would be garbage at once. */
const HIDDEN: PropertyDescriptor = { value: undefined, writable: true };
