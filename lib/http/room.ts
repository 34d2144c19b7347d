/** Not to be enumerated, so that whoever prints a request or a response does not print sessions with it. */
const ROOM: PropertyDescriptor = { value: undefined, writable: true };

/** A property that may be set later, where there is none yet. */
export function makeRoom(object: object, property: symbol): void {
  if (!(property in object)) Object.defineProperty(object, property, ROOM);
}

/**
 * What is below a response that has this property of its own, for what the property stands in front of. Not simply its prototype: `this` may
 * be something that was derived from the response (`Object.create(response)`).
 */
export function belowOf(response: object, own: symbol): object {
  let owner = response;
  while (!Object.hasOwn(owner, own)) owner = Object.getPrototypeOf(owner) as object;
  return Object.getPrototypeOf(owner) as object;
}
