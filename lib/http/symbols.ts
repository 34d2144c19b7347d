/** On a request: the session of its first registration, which leads to the others. */
export const REQUEST_SESSIONS = Symbol('nestjs-mongo-sessions');

/** On a guarded response: its gate. */
export const GATE = Symbol('nestjs-mongo-sessions.gate');

/** Not enumerable, so that whoever prints a request or a response does not print sessions with it. */
export function setHiddenSlot(object: object, slot: symbol, value: unknown): void {
  HIDDEN.value = value;
  Object.defineProperty(object, slot, HIDDEN);
  HIDDEN.value = undefined;
}

/** One for all: a descriptor of its own for each would be garbage at once. */
const HIDDEN: PropertyDescriptor = { value: undefined, writable: true };
