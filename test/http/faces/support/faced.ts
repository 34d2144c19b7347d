// A request as libraries for express-session see it.
import { startWorld, type Handle, type Visit, type World } from '../../../support/world.js';
import type { Platform } from '../../../support/app.js';
import type { HttpClient, Reply } from '../../../support/http-client.js';
import type { SessionObject, SessionOptions } from '../../../../lib/index.js';
import { sessionOf } from '../../../../lib/http/request-sessions.js';

type Data = Record<string, unknown>;
type Done = (error?: unknown) => void;

export interface Cookie {
  maxAge: unknown;
  originalMaxAge: unknown;
  expires: unknown;
  [attribute: string]: unknown;
  toJSON(): Data;
  serialize(name: string, value: string): string;
}

export type Face = Data & {
  readonly id: string;
  cookie: Cookie;
  save(done?: Done): Promise<void>;
  reload(done?: Done): Promise<void>;
  touch(done?: Done): Face;
  resetMaxAge(): Face;
  destroy(done?: Done): Promise<void>;
  regenerate(done?: Done): Promise<void>;
};

export interface Store {
  [method: string]: (...args: unknown[]) => void;
}

export interface FacedRequest {
  session: Face;
  sessionID: string;
  sessionStore: Store;
  /** Our own session of this request. */
  readonly own: SessionObject<Data>;
}

/** Handlers of these tests get the request, and what they do is awaited. */
export type FacedHandle = (request: FacedRequest, visit: Visit) => unknown;

const handle =
  (act: FacedHandle): Handle =>
  (visit) => {
    const { request } = visit;
    if (!('own' in request)) Object.defineProperty(request, 'own', { get: () => sessionOf(request) });
    return act(request as unknown as FacedRequest, visit);
  };

export class FacedWorld {
  constructor(readonly world: World) {}

  visit(client: HttpClient, act: FacedHandle): Promise<Reply> {
    return this.world.visit(client, handle(act));
  }

  ask(client: HttpClient, act: FacedHandle): Promise<unknown> {
    return this.world.ask(client, handle(act));
  }

  begin(client: HttpClient, act: FacedHandle) {
    return this.world.begin(client, handle(act));
  }

  client(twin?: HttpClient): HttpClient {
    return this.world.client(twin);
  }

  /** A browser with a session of these data. */
  async browserWith(data: Data): Promise<HttpClient> {
    const browser = this.client();
    await this.visit(browser, ({ session }) => void Object.assign(session, data));
    return browser;
  }

  /** What the session holds, as `@Session()` has it. */
  dataOf(client: HttpClient): Promise<unknown> {
    return this.ask(client.clone(), ({ own }) => ({ ...own }));
  }
}

export async function startFaced(platform: Platform, options: SessionOptions = {}): Promise<FacedWorld> {
  return new FacedWorld(await startWorld(platform, { requestSession: 'express-session', ...options }));
}

/** What a call with a callback of Node's kind has come to. */
export function called<T>(
  call: (done: (error: unknown, result?: T) => void) => void,
): Promise<[unknown, T | undefined]> {
  return new Promise((resolve) => call((error, result) => resolve([error, result])));
}
