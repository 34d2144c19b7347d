import { inspect } from 'node:util';

/** Whoever prints something that leads here prints this name instead of what is inside, such as a password. */
export function makeUnprintable(target: object, name: string): void {
  const value = () => `[${name}]`;
  Object.defineProperties(target, {
    [inspect.custom]: { value, configurable: true },
    toJSON: { value, configurable: true },
  });
}
