// A store that stops the request which calls it, before and after the real store has done what it was asked for.
import type { SessionStore } from '../../../../lib/index.js';
import { type Racer, currentRacer } from './racer.js';

export type StoreOperation = Exclude<keyof SessionStore, 'start' | 'stop'>;
export type PlainStore = Required<Omit<SessionStore, 'start' | 'stop'>>;

/** Hears what has been done, at the very moment between the pauses. */
export interface StoreWatcher {
  /** The request has read its session for the first time. */
  loaded(): void;
  done(operation: StoreOperation, args: readonly unknown[], result: unknown): void;
}

const watchers = new WeakMap<Racer, StoreWatcher>();
const hasLoaded = new WeakSet<Racer>();

export function watch(racer: Racer, watcher: StoreWatcher): void {
  watchers.set(racer, watcher);
}

/** The same store, each call of which can be put in front of another one. */
export function wrapStore(
  around: (operation: StoreOperation, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>,
  store: PlainStore,
): PlainStore {
  const wrapped = <K extends StoreOperation>(operation: K) =>
    ((...args: unknown[]) =>
      around(operation, args, () =>
        (store[operation] as (...all: unknown[]) => Promise<unknown>)(...args),
      )) as PlainStore[K];
  return {
    find: wrapped('find'),
    insert: wrapped('insert'),
    update: wrapped('update'),
    replaceSecret: wrapped('replaceSecret'),
    replaceValue: wrapped('replaceValue'),
    renewToken: wrapped('renewToken'),
    removeIfEmpty: wrapped('removeIfEmpty'),
    remove: wrapped('remove'),
  };
}

export function steppedStore(store: PlainStore): PlainStore {
  return wrapStore(async (operation, args, call) => {
    const racer = currentRacer();
    if (!racer) return call();
    if (operation === 'find' && !hasLoaded.has(racer)) {
      hasLoaded.add(racer);
      const found = await call();
      watchers.get(racer)?.loaded();
      await racer.pause('after load');
      return found;
    }
    await racer.pause('before applied');
    const result = await call();
    watchers.get(racer)?.done(operation, args, result);
    await racer.pause('after applied');
    return result;
  }, store);
}
