import { plainProperty } from '../data/plain-property.js';
import { SessionError } from '../errors.js';

/** Stands before the name of a key that other libraries allow, and that is a member here. */
export const LEGACY_PREFIX = 'legacy:';

/** For each member that is no method: what who assigns to it may have wanted. */
const FIXES: Readonly<Record<string, string>> = {
  id: 'To get a new one, call await session.regenerate().',
  handle: 'It names the session for as long as it lives. For data, use another key, such as my_handle.',
  userId: 'To log a user in, call await session.login(userId).',
  authenticatedAt: 'To renew it, call await session.login(userId).',
  amr: "To set it, call await session.login(userId, { amr: ['pwd'] }).",
  isNew: 'To store the session now, call await session.save().',
  createdAt: 'To begin another session, call await session.regenerate().',
  expiresAt: 'To prolong the session, call await session.touch() or set session.permanent.',
  cookie: 'To let it outlive the browser, set session.permanent; the rest is the option `cookie`.',
  permanent: 'Assign true, false or milliseconds to session.permanent.',
  ['__proto__']: 'Use another key.',
};

/**
 * Makes the members of a class of ours safe from assignment, in sloppy code too: a data key of that
 * name would hide the member. And what all of its instances share can't be changed: `session[a][b]
 * = value` with names of a request would change every session there is. Returns the names.
 */
export function sealMembers(
  owner: { readonly prototype: object },
  refuse: (name: string) => never,
): ReadonlySet<string> {
  const { prototype } = owner;
  const members = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  for (const [name, member] of members) {
    if (name === 'constructor') continue;
    // A method is a value, and a read-only member has no setter.
    const own = Object.entries(member).filter(([part, of]) => /^[gs]et$/.test(part) && of !== undefined);
    const accessor = { get: () => member.value as unknown, set: () => refuse(name), ...Object.fromEntries(own) };
    for (const shared of [member.value, accessor.get, accessor.set]) freezeFunction(shared);
    Object.defineProperty(prototype, name, { ...accessor, enumerable: false, configurable: false });
  }
  const nothing = freezeFunction(() => undefined);
  const refuseProto = freezeFunction(() => refuse('__proto__'));
  Object.defineProperty(prototype, '__proto__', { get: nothing, set: refuseProto, configurable: false });
  // It leads to the class, and by that of a plain object to all objects. As a key of data it is
  // like any other.
  const define = freezeFunction(function (this: object, value: unknown) {
    Object.defineProperty(this, 'constructor', plainProperty(value));
  });
  Object.defineProperty(prototype, 'constructor', {
    get: nothing,
    set: define,
    enumerable: false,
    configurable: false,
  });
  const names = new Set(Object.getOwnPropertyNames(prototype));
  names.delete('constructor');
  for (const key of Object.getOwnPropertySymbols(prototype)) freezeFunction(Reflect.get(prototype, key));
  Object.freeze(prototype);
  freezeFunction(owner);
  return names;
}

/**
 * No name of it leads to another object that others use, but for what every function inherits:
 * `call`, `apply`, `bind`.
 */
export function freezeFunction<T>(value: T): T {
  if (typeof value !== 'function') return value;
  for (const name of ['constructor', '__proto__']) Object.defineProperty(value, name, { value: undefined });
  return Object.freeze(value);
}

/** For a class that all requests share: names of a request must change nothing of its methods. */
export function freezeMethods({ prototype }: { readonly prototype: object }): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype))) freezeFunction(value);
  Object.freeze(prototype);
}

export function refuseReserved(name: string): never {
  const isMethod = !Object.hasOwn(FIXES, name);
  const what = isMethod ? 'a method' : name === 'permanent' ? 'a setting' : 'read-only';
  const fix = isMethod ? `Call it, or use another key for data, such as my_${name}.` : FIXES[name];
  throw new SessionError('SESSION_KEY_RESERVED', `session.${name} is ${what}. ${fix}`);
}

/**
 * Refuses what can be no key of data. Keys may come from a request: `?key=a&key=b` is a list of
 * them.
 */
export function checkKey(key: unknown, reserved: ReadonlySet<string>): void {
  if (typeof key !== 'string') {
    const what = `A key of the session can't be of the type ${Array.isArray(key) ? 'array' : typeof key}`;
    throw new SessionError('SESSION_VALUE_REFUSED', `${what}. Give a string.`);
  }
  if (reserved.has(key)) refuseReserved(key);
}
