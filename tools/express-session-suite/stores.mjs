// Stores of express-session for its own tests. Sessions are in our store in memory, and what becomes of one there is told to
// the test's store as a call of `get`, `set`, `touch` or `destroy`, which tests count, delay and let fail.
import { EventEmitter } from 'node:events';
import { inherits } from 'node:util';
import { decodeData } from '../../dist/core/data/session-decoding.js';
import { encodeData } from '../../dist/core/data/session-encoding.js';
import { MemorySessionStore } from '../../dist/core/store/memory-session.store.js';

const LIMITS = { maxSize: 1024 * 1024, maxKeys: 1000, maxDepth: 97 };

/** Not classes: tests call them without `new`. */
function Store() {
  // oxlint-disable-next-line oxc/no-this-in-exported-function -- a constructor
  EventEmitter.call(this);
}
inherits(Store, EventEmitter);

function MemoryStore() {
  // oxlint-disable-next-line oxc/no-this-in-exported-function -- a constructor
  Store.call(this);
}
inherits(MemoryStore, Store);

export { MemoryStore, Store };

const observed = new WeakMap();
/** What our store tells has happened there already. */
const told = new WeakSet();

/** Our store behind a store of theirs. */
export function sessionStoreFor(store, codec) {
  if (!observed.has(store)) observed.set(store, new ObservedStore(store, codec));
  return observed.get(store);
}

class ObservedStore extends MemorySessionStore {
  #handles = new Set();

  constructor(store, codec) {
    super();
    this.theirs = store;
    this.codec = codec;
  }

  async find(handle) {
    const stored = await super.find(handle);
    return stored && (await this.#tell('get', handle)) ? stored : undefined;
  }

  async insertIfFree(session) {
    const isInserted = await super.insertIfFree(session);
    this.#handles.add(session.handle);
    await this.#tellSet(session.handle);
    return isInserted;
  }

  async update(target, change) {
    const isDone = await super.update(target, change);
    const isUse = !change.set && !change.unset && change.permanent === undefined;
    if (isDone && !isUse) await this.#tellSet(target.handle);
    else if (isDone && this.theirs.touch)
      await this.#tell('touch', target.handle, await this.shown(target.handle, -Infinity));
    return isDone;
  }

  async take(handle, owner) {
    const taken = await super.take(handle, owner);
    this.#handles.delete(handle);
    await this.#tell('destroy', handle);
    return taken;
  }

  /** A session as their stores hold it. */
  async shown(handle, now = Date.now()) {
    const stored = await super.find(handle);
    if (!stored || stored.expiresAt <= now) return undefined;
    const { permanent: originalMaxAge = null, expiresAt } = stored;
    const cookie = { originalMaxAge, expires: originalMaxAge && new Date(expiresAt) };
    return { ...decodeData(this.codec, stored.data), cookie };
  }

  async write(handle, { cookie: _, ...data }) {
    const { epoch } = await super.find(handle);
    await super.update({ handle, epoch, now: Date.now() }, { set: encodeData(this.codec, data, LIMITS) });
  }

  /** From a session's public name, or the part of a cookie that their tests take for it. */
  handleOf(name) {
    const isNamed = (handle) =>
      name.startsWith(handle) || Buffer.from(handle, 'hex').toString('base64url').slice(2) === name.slice(0, 14);
    return [...this.#handles].find(isNamed);
  }

  async all() {
    const shown = await Promise.all([...this.#handles].map(async (handle) => [handle, await this.shown(handle)]));
    return Object.fromEntries(shown.filter(([, each]) => each));
  }

  async #tellSet(handle) {
    const shown = await this.shown(handle, -Infinity);
    told.add(shown);
    await this.#tell('set', handle, shown);
  }

  #tell(method, ...args) {
    return new Promise((resolve, reject) => {
      this.theirs[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }
}

/** What the default store does when it is called. */
const METHODS = {
  get: (store, name) => store.shown(store.handleOf(name)),
  load: (store, name) => store.shown(store.handleOf(name)),
  set: async (store, name, session) => {
    if (!told.has(session)) await store.write(store.handleOf(name), session);
  },
  touch: async () => {},
  destroy: async () => {},
  all: (store) => store.all(),
  length: async (store) => Object.keys(await store.all()).length,
  clear: async (store) => store.clear(),
};

for (const [name, run] of Object.entries(METHODS)) {
  MemoryStore.prototype[name] = function method(...args) {
    const callback = args.pop();
    run(observed.get(this) ?? sessionStoreFor(this), ...args).then(
      (result) => process.nextTick(callback, null, result),
      (error) => process.nextTick(callback, error),
    );
  };
}
