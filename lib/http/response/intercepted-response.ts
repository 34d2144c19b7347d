import type { ServerResponse } from 'node:http';
import { GATE, setHiddenSlot } from '../symbols.js';

/** The methods that can send headers or body. */
export type WriteMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;
type Methods = Record<WriteMethod | 'on', Method>;

/** A response whose write methods are intercepted. */
export abstract class InterceptedResponse {
  readonly #originals: Methods;
  #drainListeners: Listener[] | undefined;
  /** Only the functions that were installed last count. */
  #generation = 0;

  constructor(protected readonly response: ServerResponse) {
    const { writeHead, write, end, flushHeaders, on } = response as unknown as Methods;
    this.#originals = { writeHead, write, end, flushHeaders, on };
    setHiddenSlot(response, GATE, this);
    this.#install();
  }

  /** Handles every call of a write method. */
  protected abstract intercept(method: WriteMethod, args: unknown[]): unknown;

  /** Calls the response's own method. */
  protected call(method: WriteMethod, args: unknown[]): unknown {
    return this.#originals[method].apply(this.response, args);
  }

  /**
   * Installs the methods again. Wrappers that others have added since (inner compression, which
   * believes that the response has ended) are gone, and what they still send through the old
   * methods is ignored.
   */
  protected reinstall(): void {
    this.#drainListeners = undefined;
    this.#generation = 1;
    this.#install();
  }

  /** Emits `drain`, also to listeners that an outer compression keeps to itself. */
  protected emitDrain(): void {
    const reached = new Set<unknown>(this.response.rawListeners('drain'));
    const kept = this.#drainListeners?.filter((listener) => !reached.has(listener)) ?? [];
    this.response.emit('drain');
    for (const listener of kept) listener.call(this.response);
  }

  dispatch(generation: number, method: WriteMethod, args: unknown[]): unknown {
    if (generation !== this.#generation) return resultOf(this.response, method);
    return this.intercept(method, args);
  }

  listen(event: unknown, listener: unknown): unknown {
    if (event === 'drain') (this.#drainListeners ??= []).push(listener as Listener);
    return this.#originals.on.call(this.response, event, listener);
  }

  #install(): void {
    const methods = GENERATIONS[this.#generation]!;
    const response = this.response as unknown as Methods & { writeHeader?: Method };
    // Assigned one by one, because each request with a session does this.
    response.writeHead = methods.writeHead;
    response.write = methods.write;
    response.end = methods.end;
    response.flushHeaders = methods.flushHeaders;
    response.on = methods.on;
    // The old name of writeHead, which HTTP/2 does not have.
    if (response.writeHeader) response.writeHeader = methods.writeHead;
  }
}

/**
 * All responses share these functions. V8 puts closures assigned to a property straight into old
 * space, so one closure per response would keep its request in memory until a major garbage
 * collection.
 */
const GENERATIONS = [methodsOf(0), methodsOf(1)];

function methodsOf(generation: number): Methods {
  const methodOf = (name: WriteMethod): Method =>
    function (...args) {
      return interceptedOf(this).dispatch(generation, name, args);
    };
  return {
    writeHead: methodOf('writeHead'),
    write: methodOf('write'),
    end: methodOf('end'),
    flushHeaders: methodOf('flushHeaders'),
    // `once` calls this too.
    on(event, listener) {
      return interceptedOf(this).listen(event, listener);
    },
  };
}

function interceptedOf(response: object): InterceptedResponse {
  return (response as { [GATE]: InterceptedResponse })[GATE];
}

/** What a call returns that has to wait or comes too late. */
export function resultOf(response: ServerResponse, method: WriteMethod): unknown {
  return method === 'write' ? false : method === 'flushHeaders' ? undefined : response;
}
