import type { ServerResponse } from 'node:http';
import { type ExitName, resultOf } from './response-patch.js';
import { belowOf, makeRoom } from './room.js';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

const HEADER_SETTERS = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;

const DISGUISE = Symbol('nestjs-mongo-sessions.disguise');

type Setters = { [name in (typeof HEADER_SETTERS)[number]]: Method | undefined };

/**
 * The look of an answered response. It is put on once and then switched: own functions for each response, and properties
 * that come and go, would make each a kind of object by itself, which costs more than the rest of its answer.
 */
export class Disguise {
  #isPutOn: boolean;
  #isOn = false;
  #hasEnded: (() => boolean) | undefined;
  #setters: Setters | undefined;

  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#isPutOn = DISGUISE in response;
    if (this.#isPutOn) (response as Disguised)[DISGUISE] = this;
  }

  /** Puts it on a response that has no gate yet: until it gets one, everything is as it really is. */
  static putOn(response: ServerResponse): void {
    makeRoom(response, DISGUISE);
    Object.defineProperties(response, LOOK);
    const setters = response as unknown as Setters;
    for (const name of HEADER_SETTERS) if (setters[name]) setters[name] = GUARDED[name];
  }

  static of(response: ServerResponse): Disguise | undefined {
    return (response as Disguised)[DISGUISE];
  }

  /** @param hasEnded whether it looks ended too; without it, that is as it really is */
  on(hasEnded: (() => boolean) | undefined): void {
    if (!this.#isPutOn) this.#putOn();
    this.#isOn = true;
    this.#hasEnded = hasEnded;
  }

  off(): void {
    this.#isOn = false;
    this.#hasEnded = undefined;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get hasEnded(): boolean {
    return this.#hasEnded?.() ?? (inherited(this.#response, 'writableEnded') as boolean);
  }

  /** Whether headers have really left. */
  get headersSent(): boolean {
    return this.#isPutOn ? (inherited(this.#response, 'headersSent') as boolean) : this.#response.headersSent;
  }

  /** What the response had of its own before, to set a header. */
  setterOf(name: (typeof HEADER_SETTERS)[number]): Method | undefined {
    return this.#setters?.[name];
  }

  #putOn(): void {
    const { setHeader, setHeaders, appendHeader, removeHeader } = this.#response as unknown as Setters;
    this.#setters = { setHeader, setHeaders, appendHeader, removeHeader };
    Disguise.putOn(this.#response);
    this.#isPutOn = true;
    (this.#response as Disguised)[DISGUISE] = this;
  }
}

interface Disguised extends ServerResponse {
  [DISGUISE]?: Disguise;
}

const LOOK = {
  headersSent: {
    configurable: true,
    get(this: ServerResponse) {
      return Disguise.of(this)?.isOn || inherited(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get(this: ServerResponse) {
      return Disguise.of(this)?.hasEnded ?? inherited(this, 'writableEnded');
    },
  },
};

const GUARDED = Object.fromEntries(HEADER_SETTERS.map((name) => [name, guard(name)])) as Record<
  (typeof HEADER_SETTERS)[number],
  Method
>;

function guard(name: (typeof HEADER_SETTERS)[number]): Method {
  return function (...args) {
    const disguise = Disguise.of(this);
    if (disguise?.isOn) throw headersSentError();
    const setter = disguise?.setterOf(name) ?? (belowOf(this, DISGUISE) as Record<typeof name, Method>)[name];
    return setter.apply(this, args);
  };
}

/** What the response has without the disguise. */
function inherited(response: ServerResponse, name: 'headersSent' | 'writableEnded'): unknown {
  return Reflect.get(belowOf(response, DISGUISE), name, response);
}

/** As Node's own. */
export function headersSentError(): Error {
  const message = 'Cannot set headers after they are sent to the client';
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
}

/** A call that comes after the end: like Node's own, but without an error that nobody listens to. */
export function ignoreAfterEnd(response: ServerResponse, exit: ExitName, args: unknown[]): unknown {
  if (exit === 'writeHead') throw headersSentError();
  const callback = args.find((arg) => typeof arg === 'function') as ((error?: Error) => void) | undefined;
  if (callback) process.nextTick(callback, Object.assign(new Error('write after end'), { code: AFTER_END }));
  return resultOf(response, exit);
}

const AFTER_END = 'ERR_STREAM_WRITE_AFTER_END';
