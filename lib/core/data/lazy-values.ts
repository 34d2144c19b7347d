import { joinElements } from './bson-elements.js';
import { plainProperty } from './plain-property.js';
import { makeRoom } from './remembered-keys.js';
import type { BsonCodec } from './session-codec.interface.js';
import { decodeData } from './session-decoding.js';

/**
 * A property of the session that is not enumerable, so it is also found through a Proxy around the
 * session.
 */
const UNDECODED = Symbol('nestjs-mongo-sessions.undecoded');

/** Shared by all sessions, so that V8 sees sessions with the same keys as one kind of object. */
const accessors = new Map<string, LazyAccessor>();

/** Stands in the session for a value that is not decoded yet. */
interface LazyAccessor extends PropertyDescriptor {
  readonly get: (this: object) => unknown;
}

interface Undecoded {
  readonly element: Uint8Array;
  readonly accessor: LazyAccessor;
  /** Of a frozen session: its accessor stays. */
  value?: readonly [decoded: unknown];
}

/**
 * The values of a session that nobody has read yet, as BSON. They need not be decoded, nor compared
 * when the session is saved. Reading or setting one makes it a plain property.
 */
export class LazyValues {
  readonly #values = new Map<string, Undecoded>();

  constructor(
    private readonly session: object,
    private readonly codec: BsonCodec,
  ) {
    Object.defineProperty(session, UNDECODED, { value: this, configurable: true });
  }

  static of(session: object): LazyValues | undefined {
    return (session as { readonly [UNDECODED]?: LazyValues })[UNDECODED];
  }

  get size(): number {
    return this.#values.size;
  }

  /** @param element as in a document: type, stored name and value */
  add(key: string, element: Uint8Array): void {
    const accessor = lazyAccessorFor(key);
    this.#values.set(key, { element, accessor });
    Object.defineProperty(this.session, key, accessor);
  }

  /** The element of this key; undefined if it was decoded, replaced or removed. */
  elementOf(key: string): Uint8Array | undefined {
    const undecoded = this.#values.get(key);
    if (!undecoded || undecoded.value) return undefined;
    const isThere = Object.getOwnPropertyDescriptor(this.session, key)?.get === undecoded.accessor.get;
    return isThere ? undecoded.element : undefined;
  }

  decode(key: string): unknown {
    const undecoded = this.#values.get(key)!;
    if (undecoded.value) return undecoded.value[0];
    const value = decodeData(this.codec, joinElements([undecoded.element]))[key];
    undecoded.value = [value];
    Reflect.defineProperty(this.session, key, plainProperty(value));
    return value;
  }

  /** For printing the session. A value that can't be decoded stays as it is. */
  decodeAll(): void {
    for (const key of this.#values.keys()) {
      try {
        if (this.elementOf(key)) this.decode(key);
      } catch {
        continue;
      }
    }
  }
}

function lazyAccessorFor(key: string): LazyAccessor {
  const known = accessors.get(key);
  if (known) return known;
  const accessor: LazyAccessor = {
    get() {
      return LazyValues.of(this)?.decode(key);
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, key, plainProperty(value));
    },
    enumerable: true,
    configurable: true,
  };
  if (makeRoom(accessors, key)) accessors.set(key, accessor);
  return accessor;
}
