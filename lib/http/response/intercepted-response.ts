import type { ServerResponse } from 'node:http';
import { GATE, setHiddenSlot } from '../symbols.js';

/** Every way on which headers or body can leave. */
export type WriteMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;
type Methods = Record<WriteMethod | 'on', Method>;

/** A response whose write methods are intercepted. */
export abstract class InterceptedResponse {
  readonly #originals: Methods;
  #drainListeners: Listener[] | undefined;
  /** Which functions count: those that were installed last. */
  #generation = 0;

  constructor(protected readonly response: ServerResponse) {
    const { writeHead, write, end, flushHeaders, on } = response as unknown as Methods;
    this.#originals = { writeHead, write, end, flushHeaders, on };
    setHiddenSlot(response, GATE, this);
    this.#install();
  }

  /** Gets every call to a write method, and answers it. */
  protected abstract intercept(method: WriteMethod, args: unknown[]): unknown;

  /** Calls what the response had before. */
  protected call(method: WriteMethod, args: unknown[]): unknown {
    return this.#originals[method].apply(this.response, args);
  }

  /**
   * Installs the methods again. Whatever others have laid over them since the request came (inner compression, which
   * believes that the response has ended) is gone, and what they still send through the old methods ends in nothing.
   */
  protected reinstall(): void {
    this.#drainListeners = undefined;
    this.#generation = 1;
    this.#install();
  }

  /** Tells everyone who waits for it that writing goes on, also those whose listeners an outer compression keeps. */
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
    // Assigned one by one, because every request with a session comes by here.
    response.writeHead = methods.writeHead;
    response.write = methods.write;
    response.end = methods.end;
    response.flushHeaders = methods.flushHeaders;
    response.on = methods.on;
    // The same by an old name, which HTTP/2 does not have.
    if (response.writeHeader) response.writeHeader = methods.writeHead;
  }
}

/**
 * All responses share these functions. V8 puts closures that are assigned to a property straight into old space, so one
 * closure for each response would keep its request in memory until a major garbage collection.
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
    // `once` comes by here too.
    on(event, listener) {
      return interceptedOf(this).listen(event, listener);
    },
  };
}

function interceptedOf(response: object): InterceptedResponse {
  return (response as { [GATE]: InterceptedResponse })[GATE];
}

/** What a call returns that has to wait, or comes too late. */
export function resultOf(response: ServerResponse, method: WriteMethod): unknown {
  return method === 'write' ? false : method === 'flushHeaders' ? undefined : response;
}
