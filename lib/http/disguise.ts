import type { ServerResponse } from 'node:http';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

const HEADER_SETTERS = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;
const DISGUISE = Symbol('nestjs-mongo-sessions.disguise');

/**
 * The look of an answered response. It is put on once and then switched: own functions for each response, and properties
 * that come and go, would make each a kind of object by itself, which costs more than the rest of its answer.
 */
export class Disguise {
  #isPutOn = false;
  #isOn = false;
  #hasEnded: (() => boolean) | undefined;
  /** The response's own ways to set a header. */
  readonly setters: Record<string, Method> = {};

  constructor(private readonly response: ServerResponse) {}

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

  /** Whether headers have really left. */
  get headersSent(): boolean {
    return this.#isPutOn ? (inherited(this.response, 'headersSent') as boolean) : this.response.headersSent;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get hasEnded(): boolean {
    return this.#hasEnded?.() ?? (inherited(this.response, 'writableEnded') as boolean);
  }

  #putOn(): void {
    this.#isPutOn = true;
    const response = this.response as unknown as Record<string, Method>;
    Object.defineProperty(response, DISGUISE, { value: this });
    Object.defineProperties(response, LOOK);
    for (const name of HEADER_SETTERS) {
      const setter = response[name];
      if (!setter) continue;
      this.setters[name] = setter;
      response[name] = GUARDED[name];
    }
  }
}

interface Disguised extends ServerResponse {
  readonly [DISGUISE]: Disguise;
}

const LOOK = {
  headersSent: {
    configurable: true,
    get(this: Disguised) {
      return this[DISGUISE].isOn || inherited(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get(this: Disguised) {
      return this[DISGUISE].hasEnded;
    },
  },
};

const GUARDED = Object.fromEntries(HEADER_SETTERS.map((name) => [name, guard(name)])) as Record<
  (typeof HEADER_SETTERS)[number],
  Method
>;

function guard(name: string): Method {
  return function (this: ServerResponse, ...args) {
    const disguise = (this as Disguised)[DISGUISE];
    if (disguise.isOn) throw headersSentError();
    return disguise.setters[name]!.apply(this, args);
  };
}

/** What the response has without the disguise. */
function inherited(response: ServerResponse, name: 'headersSent' | 'writableEnded'): unknown {
  return Reflect.get(Object.getPrototypeOf(response) as object, name, response);
}

/** As Node's own. */
export function headersSentError(): Error {
  const message = 'Cannot set headers after they are sent to the client';
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
}
