/**
 * Of a property that may be set later. Not to be enumerated, so that whoever prints a request or a response does not
 * print sessions with it.
 */
export const ROOM: PropertyDescriptor = { value: undefined, writable: true };
