import { SessionError } from '../errors.js';

/**
 * Makes assignment to any member of the prototype throw, in sloppy code too: a data key of that name would hide the member.
 * Returns the names.
 */
export function sealReservedNames(prototype: object): ReadonlySet<string> {
  const names = new Set(Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor'));
  for (const name of names) {
    const member = Object.getOwnPropertyDescriptor(prototype, name)!;
    const accessor = 'value' in member ? { get: () => member.value as unknown } : member;
    const refusal = { set: (): void => refuse(name) };
    Object.defineProperty(prototype, name, {
      ...refusal,
      ...defined(accessor),
      enumerable: false,
      configurable: false,
    });
  }
  // `session[a][b] = value` with names of a request would otherwise reach the prototype, and with it every session there is.
  Object.defineProperty(prototype, '__proto__', {
    get: () => undefined,
    set() {
      refuse('__proto__');
    },
    configurable: false,
  });
  names.add('__proto__');
  Object.preventExtensions(prototype);
  return names;
}

/** Without what is there only to say that it is missing: the setter of a read-only member. */
function defined(descriptor: PropertyDescriptor): PropertyDescriptor {
  return Object.fromEntries(Object.entries(descriptor).filter(([, part]) => part !== undefined));
}

function refuse(name: string): never {
  throw new SessionError(
    'SESSION_KEY_RESERVED',
    `session.${name} can't hold data: the name is taken. Use another key, such as \`my_${name}\`.`,
  );
}
