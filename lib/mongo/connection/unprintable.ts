import { inspect } from 'node:util';

/** Printing the object shows this name instead of its content, such as a password. */
export function makeUnprintable(target: object, name: string): void {
  const value = () => `[${name}]`;
  Object.defineProperties(target, {
    [inspect.custom]: { value, configurable: true },
    toJSON: { value, configurable: true },
  });
}
