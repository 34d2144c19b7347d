import type { ServerResponse } from 'node:http';

/** Every way on which headers or body can leave. */
export type ExitName = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;

/** What the patch replaces, as untyped methods. */
type Patched = Record<ExitName | 'on', Method> & { writeHeader?: Method };

/** The methods that the gate puts over those of a response. */
export class ResponsePatch {
  #originals!: Patched;
  #drainListeners: Listener[] | undefined;

  /** @param leave gets every call to a way out, and answers it */
  constructor(
    private readonly response: ServerResponse,
    private readonly leave: (exit: ExitName, args: unknown[]) => unknown,
  ) {
    this.#install();
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
    this.#install();
  }

  /** Tells everyone who waits for it that writing goes on, those too whose listeners an outer compression has put aside. */
  emitDrain(): void {
    const reached = new Set<unknown>(this.response.rawListeners('drain'));
    const aside = this.#drainListeners?.filter((listener) => !reached.has(listener)) ?? [];
    this.response.emit('drain');
    for (const listener of aside) listener.call(this.response);
  }

  /** Assigned, and nothing cleverer: this is on the way of every request. */
  #install(): void {
    const { leave } = this;
    const response = this.response as unknown as Patched;
    const { writeHead, write, end, flushHeaders, on } = response;
    const originals = { writeHead, write, end, flushHeaders, on };
    this.#originals = originals;
    this.#drainListeners = undefined;
    const isCurrent = () => this.#originals === originals;
    response.writeHead = (...args) => (isCurrent() ? leave('writeHead', args) : response);
    response.write = (...args) => (isCurrent() ? leave('write', args) : false);
    response.end = (...args) => (isCurrent() ? leave('end', args) : response);
    response.flushHeaders = (...args) => (isCurrent() ? leave('flushHeaders', args) : undefined);
    // The same by an old name, which HTTP/2 does not have.
    if (response.writeHeader) response.writeHeader = response.writeHead;
    // `once` comes by here too.
    response.on = (event, listener) => {
      if (event === 'drain') (this.#drainListeners ??= []).push(listener as Listener);
      return on.call(this.response, event, listener);
    };
  }
}
