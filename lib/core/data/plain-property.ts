/** As an assignment would make it, where it can't be assigned. */
export function plainProperty(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}
