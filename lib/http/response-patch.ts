import type { ServerResponse } from 'node:http';
import { belowOf, makeRoom } from './room.js';

/** Every way on which headers or body can leave. */
export type ExitName = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;

const PATCH = Symbol('nestjs-mongo-sessions.patch');

interface Patched extends ServerResponse {
  [PATCH]?: ResponsePatch;
}

/** What the patch replaces, as untyped methods. */
type Methods = Record<ExitName | 'on', Method> & { writeHeader?: Method };

/** Gets every call to a way out, and answers it. */
export interface Exits {
  leave(exit: ExitName, args: unknown[]): unknown;
}

/** The methods that the gate puts over those of a response. */
export class ResponsePatch {
  /** What the response had of its own before; undefined when that was nothing, so that all is inherited. */
  readonly #originals: Methods | undefined;
  #drainListeners: Listener[] | undefined;
  /** Which methods count: 0 for those that were declared early, 1 and up for those that were put over what was there. */
  #age = 0;

  readonly #response: ServerResponse;
  readonly #exits: Exits;

  constructor(response: ServerResponse, exits: Exits) {
    this.#response = response;
    this.#exits = exits;
    (response as Patched)[PATCH] = this;
    const { writeHead, write, end, flushHeaders, on } = response as unknown as Methods;
    const isEarly = end === EARLY.end && write === EARLY.write && writeHead === EARLY.writeHead;
    if (isEarly && flushHeaders === EARLY.flushHeaders && on === EARLY.on) return;
    this.#originals = { writeHead, write, end, flushHeaders, on };
    this.#age = 1;
    assign(response, OVER);
  }

  static of(response: ServerResponse): ResponsePatch | undefined {
    return (response as Patched)[PATCH];
  }

  /** Puts the methods on a response that has no gate yet; until it gets one, they do what they stand for. */
  static putOn(response: ServerResponse): void {
    makeRoom(response, PATCH);
    assign(response, EARLY);
  }

  /** Calls what the response had before the patch. */
  call(exit: ExitName, args: unknown[]): unknown {
    return (this.#originals ?? inheritedOf(this.#response))[exit].apply(this.#response, args);
  }

  /**
   * Puts the patch in anew. Whatever others have laid over it since the request came (inner compression, which takes the
   * answer for ended) is gone, and what they still send through the old patch ends in nothing.
   */
  renew(): void {
    this.#drainListeners = undefined;
    this.#age++;
    assign(this.#response, methodsOf(this.#age));
  }

  /** Tells everyone who waits for it that writing goes on, those too whose listeners an outer compression has put aside. */
  emitDrain(): void {
    const reached = new Set<unknown>(this.#response.rawListeners('drain'));
    const aside = this.#drainListeners?.filter((listener) => !reached.has(listener)) ?? [];
    this.#response.emit('drain');
    for (const listener of aside) listener.call(this.#response);
  }

  /** A call to one of the methods of that age. */
  called(age: number, exit: ExitName, args: unknown[]): unknown {
    if (age === this.#age) return this.#exits.leave(exit, args);
    // From others who came between early methods and the patch.
    if (age === 0 && this.#originals) return inheritedOf(this.#response)[exit].apply(this.#response, args);
    return resultOf(this.#response, exit);
  }

  listened(age: number, event: unknown, listener: unknown): unknown {
    const isBelow = age === 0 && this.#originals;
    if (event === 'drain' && !isBelow) (this.#drainListeners ??= []).push(listener as Listener);
    const methods = (!isBelow && this.#originals) || inheritedOf(this.#response);
    return methods.on.call(this.#response, event, listener);
  }
}

/** What is below everything that is the response's own. */
function inheritedOf(response: ServerResponse): Methods {
  return belowOf(response, PATCH) as Methods;
}

/** Assigned, and nothing cleverer: this is on the way of every request. */
function assign(to: ServerResponse, methods: Methods): void {
  const response = to as unknown as Methods;
  response.writeHead = methods.writeHead;
  response.write = methods.write;
  response.end = methods.end;
  response.flushHeaders = methods.flushHeaders;
  // The same by an old name, which HTTP/2 does not have.
  if (response.writeHeader) response.writeHeader = methods.writeHead;
  // `once` comes by here too.
  response.on = methods.on;
}

function methodsOf(age: number): Methods {
  const exit = (name: ExitName): Method =>
    function (...args) {
      const patch = ResponsePatch.of(this);
      return patch ? patch.called(age, name, args) : inheritedOf(this)[name].apply(this, args);
    };
  return {
    writeHead: exit('writeHead'),
    write: exit('write'),
    end: exit('end'),
    flushHeaders: exit('flushHeaders'),
    on(event, listener) {
      const patch = ResponsePatch.of(this);
      return patch ? patch.listened(age, event, listener) : inheritedOf(this).on.call(this, event, listener);
    },
  };
}

/**
 * The same functions for every response. A function literal that is assigned to a property lives where V8 keeps what is old from
 * the start (it hopes for a constant), and with it the response and all of its request, until the next great collection.
 */
const EARLY = methodsOf(0);
const OVER = methodsOf(1);

/** What a call returns that had to wait, or came too late. */
export function resultOf(response: ServerResponse, exit: ExitName): unknown {
  return exit === 'write' ? false : exit === 'flushHeaders' ? undefined : response;
}
