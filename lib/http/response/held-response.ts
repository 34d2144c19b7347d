import type { ServerResponse } from 'node:http';
import { GATE } from '../symbols.js';
import { isHttp2 } from './failure-response.js';
import { type WriteMethod, resultOf } from './intercepted-response.js';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

const HEADER_SETTERS = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;
type HeaderSetter = (typeof HEADER_SETTERS)[number];
type Setters = Record<HeaderSetter, Method | undefined>;

/**
 * While a commit is pending, the response behaves as it does after `end()`: `headersSent` and
 * `writableEnded` are true, and setting a header throws. Installed once and then switched, because
 * with properties that come and go V8 would see each response as a kind of object by itself.
 */
export class HeldResponse {
  #isHeld = false;
  #hasEnded = false;
  /**
   * What the headers are made of besides those that are set. It can be changed at any time, but its
   * first values count.
   */
  #head: object | undefined;
  /** The response's own methods. */
  readonly #setters: Setters;

  constructor(private readonly response: ServerResponse) {
    const { setHeader, setHeaders, appendHeader, removeHeader } = response as unknown as Setters;
    this.#setters = { setHeader, setHeaders, appendHeader, removeHeader };
    const own = response as unknown as Setters;
    // HTTP/2 has no setHeaders().
    for (const name of HEADER_SETTERS) if (own[name]) own[name] = GUARDED_SETTERS[name];
    Object.defineProperties(response, HELD_PROPERTIES);
  }

  /** @param hasEnded whether it looks ended too */
  hold(hasEnded: boolean): void {
    this.#isHeld = true;
    this.#hasEnded = hasEnded;
    this.#head ??= headOf(this.response);
  }

  release(): void {
    this.#isHeld = false;
    this.#hasEnded = false;
    Object.assign(this.response, this.#head);
    this.#head = undefined;
  }

  /** @param target the response, or an object derived from it */
  get(name: 'headersSent' | 'writableEnded', target: object = this.response): unknown {
    if (name === 'headersSent' ? this.#isHeld : this.#hasEnded) return true;
    return this.getReal(name, target);
  }

  getReal(name: 'headersSent' | 'writableEnded', target: object = this.response): unknown {
    return Reflect.get(Object.getPrototypeOf(this.response) as object, name, target);
  }

  callSetter(name: HeaderSetter, target: ServerResponse, args: unknown[]): unknown {
    if (this.#isHeld) throw headersSentError();
    return this.#setters[name]!.apply(target, args);
  }
}

function heldResponseOf(response: object): HeldResponse {
  return (response as { [GATE]: { held: HeldResponse } })[GATE].held;
}

const HELD_PROPERTIES = Object.fromEntries(
  (['headersSent', 'writableEnded'] as const).map((name) => [
    name,
    {
      configurable: true,
      get(this: object) {
        return heldResponseOf(this).get(name, this);
      },
    },
  ]),
);

const GUARDED_SETTERS = Object.fromEntries(
  HEADER_SETTERS.map((name) => [
    name,
    function (this: ServerResponse, ...args: unknown[]) {
      return heldResponseOf(this).callSetter(name, this, args);
    },
  ]),
);

function headOf(response: ServerResponse): object {
  const { statusCode, sendDate } = response;
  return isHttp2(response) ? { statusCode, sendDate } : { statusCode, sendDate, statusMessage: response.statusMessage };
}

/** The same error as Node's. */
export function headersSentError(): Error {
  const message = 'Cannot set headers after they are sent to the client';
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
}

/** A call after the end: like Node's, but without an error that nobody listens to. */
export function ignoreAfterEnd(response: ServerResponse, method: WriteMethod, args: unknown[]): unknown {
  if (method === 'writeHead') throw headersSentError();
  const callback = args.find((arg) => typeof arg === 'function') as ((error?: Error) => void) | undefined;
  const code = 'ERR_STREAM_WRITE_AFTER_END';
  if (callback) process.nextTick(callback, Object.assign(new Error('write after end'), { code }));
  return resultOf(response, method);
}
