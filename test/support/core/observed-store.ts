import { SessionError, type SessionErrorCode } from '../../../lib/core/errors.js';
import { MemorySessionStore } from '../../../lib/core/store/memory-session.store.js';
import { PORT_METHODS } from '../../../lib/core/store/store-ports.js';
import type { SessionStore, StoredSession } from '../../../lib/core/store/session-store.interface.js';

/** Lets the store do what the store in memory can beside `SessionStore`; these calls are not observed. */
export function addPorts(store: ObservedStore): void {
  for (const name of new Set([...Object.values(PORT_METHODS).flat(), 'listen' as const]))
    Object.assign(store, {
      [name]: (...args: never[]) => (store.memory[name] as (...all: never[]) => unknown).call(store.memory, ...args),
    });
}

type Operation = Exclude<keyof SessionStore, 'start' | 'stop'>;

/** The in-memory store, with a list of what it was asked for; it can be told to fail and to wait. */
export class ObservedStore implements Required<Omit<SessionStore, 'start' | 'stop'>> {
  readonly memory = new MemorySessionStore();
  /** How many turns of the event loop each call takes, as a real store would. */
  turns = 0;
  /** The code with which calls fail. */
  code: SessionErrorCode = 'SESSION_STORE_UNAVAILABLE';
  /** What was asked for since the last `takeCalls`, in order. */
  calls: Operation[] = [];
  /** The arguments of those calls. */
  arguments: unknown[][] = [];
  #failing = new Set<Operation>();
  #gates = new Map<Operation, Promise<void>>();

  readonly find = this.#observed('find');
  readonly insert = this.#observed('insert');
  readonly update = this.#observed('update');
  readonly replaceSecret = this.#observed('replaceSecret');
  readonly replaceValue = this.#observed('replaceValue');
  readonly renewToken = this.#observed('renewToken');
  readonly removeIfEmpty = this.#observed('removeIfEmpty');
  readonly remove = this.#observed('remove');

  takeCalls(): Operation[] {
    const calls = this.calls;
    this.calls = [];
    this.arguments = [];
    return calls;
  }

  /** From now on these fail as if the database were away; none: all work again. */
  fail(...operations: Operation[]): void {
    this.#failing = new Set(operations);
  }

  /** Holds the next calls of this operation back until the function returned is called. */
  hold(operation: Operation): () => void {
    let open = () => {};
    this.#gates.set(operation, new Promise((resolve) => (open = resolve)));
    return () => {
      this.#gates.delete(operation);
      open();
    };
  }

  /** All sessions, read past the observation. */
  stored(handle: string): Promise<StoredSession | undefined> {
    return this.memory.find(handle);
  }

  #observed<K extends Operation>(operation: K): SessionStore[K] {
    return (async (...args: unknown[]) => {
      this.calls.push(operation);
      this.arguments.push(args);
      for (let turn = 0; turn < this.turns; turn++) await new Promise(setImmediate);
      await this.#gates.get(operation);
      if (this.#failing.has(operation)) throw new SessionError(this.code, 'The database is away.');
      return (this.memory[operation] as (...all: unknown[]) => unknown)(...args);
    }) as SessionStore[K];
  }
}
