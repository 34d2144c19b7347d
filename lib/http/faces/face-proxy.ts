import { inspect } from 'node:util';
import { plainProperty } from '../../core/data/plain-property.js';
import { freezeFunction } from '../../core/session/reserved-names.js';
import { SessionError } from '../../core/errors.js';
import type { SessionView } from './session-view.js';

/** The members of a face's class by their names. */
export type FaceMembers = ReadonlyMap<string, PropertyDescriptor>;

/**
 * A class's getters, setters and methods, which are all that a face has.
 */
export function membersOf(owner: { readonly prototype: object }): FaceMembers {
  const members = Object.entries(Object.getOwnPropertyDescriptors(owner.prototype));
  return new Map(members.filter(([name]) => name !== 'constructor'));
}

/** What is behind the Proxy. */
class FaceTarget {
  readonly #bound = new Map<string, unknown>();

  /**
   * @param object an instance of the face's class
   * @param ownNames members that are listed among the data
   */
  constructor(
    readonly view: SessionView,
    readonly members: FaceMembers,
    readonly object: object,
    readonly ownNames: readonly string[],
  ) {}

  member(name: string, { value }: PropertyDescriptor): unknown {
    if (typeof value !== 'function') return Reflect.get(this.object, name);
    let method = this.#bound.get(name);
    if (!method) this.#bound.set(name, (method = freezeFunction((value as () => unknown).bind(this.object))));
    return method;
  }

  /** Node calls it on the Proxy. */
  [inspect.custom](): object {
    return { ...this };
  }
}

/**
 * An object whose properties are the data of a session. Nothing of the data is copied, so the face
 * and `@Session()` show the same values. Faces only: the session itself needs no Proxy.
 */
export function createFaceProxy(
  view: SessionView,
  members: FaceMembers,
  object: object,
  ownNames: readonly string[],
): object {
  return new Proxy(new FaceTarget(view, members, object, ownNames), HANDLER);
}

const HANDLER: ProxyHandler<FaceTarget> = {
  get(target, name) {
    if (typeof name === 'symbol') return target.view.data[name];
    const member = target.members.get(name);
    return member ? target.member(name, member) : target.view.get(name);
  },

  set: assign,

  has(target, name) {
    if (typeof name === 'symbol') return name in target.view.data;
    return target.members.has(name) || target.view.get(name) !== undefined || target.view.hasOwn(name);
  },

  deleteProperty(target, name) {
    if (typeof name === 'symbol') return Reflect.deleteProperty(target.view.data, name);
    if (target.members.has(name)) return false;
    target.view.delete(name);
    return true;
  },

  ownKeys: ({ view, ownNames }) => [...ownNames, ...view.names()],

  getOwnPropertyDescriptor(target, name) {
    if (typeof name === 'symbol') return undefined;
    const member = target.ownNames.includes(name) ? target.members.get(name) : undefined;
    if (member) return plainProperty(target.member(name, member));
    return target.view.hasOwn(name) ? plainProperty(target.view.get(name)) : undefined;
  },

  // An accessor can't be stored.
  defineProperty: (target, name, property) => 'value' in property && assign(target, name, property.value),

  getPrototypeOf: () => Object.prototype,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
};

function assign(target: FaceTarget, name: string | symbol, value: unknown): boolean {
  if (typeof name === 'symbol') target.view.data[name] = value;
  else {
    const member = target.members.get(name);
    if (!member) target.view.set(name, value);
    else if (member.set) Reflect.set(target.object, name, value);
    else throw takenName(name, member);
  }
  return true;
}

function takenName(name: string, { value }: PropertyDescriptor): SessionError {
  const what = typeof value === 'function' ? 'a method' : 'read-only';
  const fix = `For data, use another key, such as my_${name}.`;
  return new SessionError('SESSION_KEY_RESERVED', `request.session.${name} is ${what}. ${fix}`);
}
