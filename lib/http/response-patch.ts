import type { ServerResponse } from 'node:http';
import { Overrides } from './overrides.js';

/** Every way on which headers or body can leave. */
export type ExitName = 'writeHead' | 'write' | 'end' | 'flushHeaders';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Listener = (this: ServerResponse) => void;

const EXITS: readonly ExitName[] = ['writeHead', 'write', 'end', 'flushHeaders'];
const HEADER_SETTERS = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;

/** The methods that the gate puts over those of a response, and the look of an answered response while it holds the answer. */
export class ResponsePatch {
  readonly #exits: Overrides;
  readonly #disguise: Overrides;
  #originals = new Map<ExitName, Method>();
  #drainListeners: Listener[] = [];

  /** @param leave gets every call to a way out, and answers it */
  constructor(
    private readonly response: ServerResponse,
    private readonly leave: (exit: ExitName, args: unknown[]) => unknown,
  ) {
    this.#exits = new Overrides(response);
    this.#disguise = new Overrides(response);
    this.#install();
  }

  /** Calls what the response had before the patch. */
  call(exit: ExitName, args: unknown[]): unknown {
    return this.#originals.get(exit)!.apply(this.response, args);
  }

  /**
   * Puts the patch in anew. Whatever others have laid over it since the request came (inner compression, which takes the
   * answer for ended) is gone, and what they still send through the old patch ends in nothing.
   */
  renew(): void {
    this.#exits.undo();
    this.#install();
  }

  /** Lets the response look answered, as it will be in a moment: nobody may answer a second time. */
  disguise(hasEnded?: () => boolean): void {
    this.#disguise.set('headersSent', { get: () => true });
    if (hasEnded) this.#disguise.set('writableEnded', { get: hasEnded });
    for (const name of HEADER_SETTERS) if (name in this.response) this.#disguise.set(name, { value: refuse });
  }

  undisguise(): void {
    this.#disguise.undo();
  }

  /** Tells everyone who waits for it that writing goes on, those too whose listeners an outer compression has put aside. */
  emitDrain(): void {
    const reached = new Set<unknown>(this.response.rawListeners('drain'));
    const aside = this.#drainListeners.filter((listener) => !reached.has(listener));
    this.response.emit('drain');
    for (const listener of aside) listener.call(this.response);
  }

  #install(): void {
    const { response, leave } = this;
    const originals = new Map<ExitName, Method>();
    this.#originals = originals;
    this.#drainListeners = [];
    for (const exit of EXITS) {
      originals.set(exit, response[exit] as Method);
      const patched = (...args: unknown[]) =>
        this.#originals === originals ? leave(exit, args) : exit === 'write' ? false : response;
      this.#exits.set(exit, { value: patched });
      if (exit === 'writeHead' && 'writeHeader' in response) this.#exits.set('writeHeader', { value: patched });
    }
    // `once` comes by here too.
    const { on } = response as { on: (this: ServerResponse, event: string | symbol, listener: Listener) => unknown };
    const drainListeners = this.#drainListeners;
    this.#exits.set('on', {
      value: (event: string | symbol, listener: Listener) => {
        if (event === 'drain') drainListeners.push(listener);
        return on.call(response, event, listener);
      },
    });
  }
}

export function headersSentError(): Error {
  const message = 'Cannot set headers after they are sent to the client';
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
}

function refuse(): never {
  throw headersSentError();
}
