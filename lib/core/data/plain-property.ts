/** The property that an assignment would create. */
export function plainProperty(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/**
 * Sets a property of a plain object; `__proto__` is one like any other. An assignment where it can
 * be: V8 turns an object of many assigned properties into a hash table, but each defined one may
 * cost it a copy of the whole shape.
 */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, plainProperty(value));
  else object[key] = value;
}
