/**
 * Freezes plain objects and arrays, and what they hold. Others keep their insides: a Map, a Date or
 * bytes can't be frozen. Not for what may have cycles.
 */
export function freezeDeeply<T>(value: T): T {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  if (!isPlain) return value;
  for (const each of Object.values(value as object)) freezeDeeply(each);
  return Object.freeze(value);
}
