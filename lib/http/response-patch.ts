import type { ServerResponse } from 'node:http';

/** Every way on which headers or body can leave. */
export type ExitName = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;

/** What the patch replaces, as untyped methods. */
type Methods = Record<ExitName | 'on', Method> & { writeHeader?: Method };

const PATCH = Symbol('nestjs-mongo-sessions.patch');

type Patched = ServerResponse & { readonly [PATCH]: ResponsePatch };

/** The methods that the gate puts over those of a response. */
export class ResponsePatch {
  #originals!: Methods;
  #drainListeners: Listener[] | undefined;
  /** How often it was put in anew. */
  #age = 0;

  /** @param leave gets every call to a way out, and answers it */
  constructor(
    private readonly response: ServerResponse,
    private readonly leave: (exit: ExitName, args: unknown[]) => unknown,
  ) {
    Object.defineProperty(response, PATCH, { value: this });
    this.#install(FIRST);
  }

  /** Calls what the response had before the patch. */
  call(exit: ExitName, args: unknown[]): unknown {
    return this.#originals[exit].apply(this.response, args);
  }

  /**
   * Puts the patch in anew. Whatever others have laid over it since the request came (inner compression, which takes the
   * answer for ended) is gone, and what they still send through the old patch ends in nothing.
   */
  renew(): void {
    Object.assign(this.response, this.#originals);
    this.#age++;
    this.#install(methodsOf(this.#age));
  }

  /** Tells everyone who waits for it that writing goes on, those too whose listeners an outer compression has put aside. */
  emitDrain(): void {
    const reached = new Set<unknown>(this.response.rawListeners('drain'));
    const aside = this.#drainListeners?.filter((listener) => !reached.has(listener)) ?? [];
    this.response.emit('drain');
    for (const listener of aside) listener.call(this.response);
  }

  /** A call to one of the methods that were put in when the patch had that age. */
  static called(response: ServerResponse, age: number, exit: ExitName, args: unknown[]): unknown {
    const patch = (response as Patched)[PATCH];
    if (patch.#age === age) return patch.leave(exit, args);
    return exit === 'write' ? false : exit === 'flushHeaders' ? undefined : response;
  }

  static listened(response: ServerResponse, event: unknown, listener: unknown): unknown {
    const patch = (response as Patched)[PATCH];
    if (event === 'drain') (patch.#drainListeners ??= []).push(listener as Listener);
    return patch.#originals.on.call(response, event, listener);
  }

  /** Assigned, and nothing cleverer: this is on the way of every request. */
  #install(methods: Methods): void {
    const response = this.response as unknown as Methods;
    const { writeHead, write, end, flushHeaders, on } = response;
    this.#originals = { writeHead, write, end, flushHeaders, on };
    this.#drainListeners = undefined;
    response.writeHead = methods.writeHead;
    response.write = methods.write;
    response.end = methods.end;
    response.flushHeaders = methods.flushHeaders;
    // The same by an old name, which HTTP/2 does not have.
    if (response.writeHeader) response.writeHeader = methods.writeHead;
    // `once` comes by here too.
    response.on = methods.on;
  }
}

function methodsOf(age: number): Methods {
  return {
    writeHead(...args) {
      return ResponsePatch.called(this, age, 'writeHead', args);
    },
    write(...args) {
      return ResponsePatch.called(this, age, 'write', args);
    },
    end(...args) {
      return ResponsePatch.called(this, age, 'end', args);
    },
    flushHeaders(...args) {
      return ResponsePatch.called(this, age, 'flushHeaders', args);
    },
    on(event, listener) {
      return ResponsePatch.listened(this, event, listener);
    },
  };
}

/**
 * The same functions for every response. A function literal that is assigned to a property lives where V8 keeps what is old from
 * the start (it hopes for a constant), and with it the response and all of its request, until the next great collection.
 */
const FIRST = methodsOf(0);
