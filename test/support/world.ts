// An app whose handlers are written in the test itself, and browsers that visit it.
import { EventEmitter, once } from 'node:events';
import { All, Controller, Param, Req, Res } from '@nestjs/common';
import { onTestFinished } from 'vitest';
import { type SessionEvent, SessionEvents, type SessionObject, type SessionOptions } from '../../lib/index.js';
import { TestClock } from '../../lib/testing/test-clock.js';
import type { AnyResponse } from './any-response.js';
import { type AppOptions, type Platform, startApp, type TestApp } from './app.js';
import { ObservedStore } from './core/observed-store.js';
import type { HttpClient, Reply, RequestOptions } from './http-client.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export type AnySession = SessionObject<Record<string, unknown>>;

/** What a handler gets. The session is not asked for before the handler does. */
export interface Visit {
  readonly session: AnySession;
  readonly request: { readonly query: Record<string, string> };
  readonly response: AnyResponse;
}

export type Handle = (visit: Visit) => unknown;

/** A request that has been read and waits in its handler. */
export interface HeldVisit {
  /** Lets its handler go on. */
  end(): Promise<Reply>;
}

const handlers = new Map<string, Handle>();

/** The path of a handler: Nest responds with what it returns, or it responds by itself. */
export function route(handle: Handle, kind: 'act' | 'raw' = 'act'): string {
  const id = String(handlers.size);
  handlers.set(id, (visit) => {
    try {
      const result = handle(visit);
      if (result instanceof Promise) result.catch(noteAssertion);
      return result;
    } catch (error) {
      noteAssertion(error);
      throw error;
    }
  });
  return `/${kind}/${id}`;
}

const failedAssertions: Error[] = [];

/** What a test expects in a handler would only be a response with status 500. */
function noteAssertion(error: unknown): void {
  if (error instanceof Error && error.name === 'AssertionError') failedAssertions.push(error);
}

@Controller()
export class StageController {
  /** Nest answers with what the handler returns. */
  @All('act/:id')
  act(@Req() request: Visit['request'], @Res({ passthrough: true }) response: AnyResponse, @Param('id') id: string) {
    return handlers.get(id)!(visitOf(request, response));
  }

  /** The handler answers by itself. */
  @All('raw/:id')
  async raw(@Req() request: Visit['request'], @Res() response: AnyResponse, @Param('id') id: string): Promise<void> {
    await handlers.get(id)!(visitOf(request, response));
  }
}

function visitOf(request: Visit['request'], response: AnyResponse): Visit {
  return {
    request,
    response,
    get session() {
      return (request as { session?: AnySession }).session!;
    },
  };
}

export class World {
  readonly events: SessionEvent[] = [];
  readonly #held: (() => Promise<Reply>)[] = [];

  constructor(
    readonly app: TestApp,
    readonly clock: TestClock,
    /** In use unless the options name another place. */
    readonly store: ObservedStore,
  ) {
    app.nest.get(SessionEvents).subscribe((event) => this.events.push(event));
  }

  /** A new browser; with the cookies of another one, perhaps of another app. */
  client(twin?: HttpClient): HttpClient {
    return this.app.client(twin);
  }

  /** A request from beginning to end. */
  visit(client: HttpClient, handle: Handle = () => 'seen', options?: RequestOptions): Promise<Reply> {
    return client.request(this.route(handle), options);
  }

  /** What the handler returns, as JSON has it: `null` for undefined. */
  async ask(client: HttpClient, handle: Handle, options?: RequestOptions): Promise<unknown> {
    const reply = await this.visit(client, async (visit) => ({ result: (await handle(visit)) ?? null }), options);
    if (reply.status !== 200) throw new Error(`The handler was answered ${reply.status}: ${reply.body}`);
    return (JSON.parse(reply.body) as { result: unknown }).result;
  }

  /** The path of a handler. */
  route(handle: Handle, kind: 'act' | 'raw' = 'act'): string {
    return route(handle, kind);
  }

  /** A request whose session has been read, and whose handler waits. */
  async begin(client: HttpClient, handle: Handle = () => 'seen', options?: RequestOptions): Promise<HeldVisit> {
    const signals = new EventEmitter();
    const arrived = once(signals, 'arrived');
    const path = this.route(async (visit) => {
      const released = once(signals, 'released');
      signals.emit('arrived');
      await released;
      return handle(visit);
    });
    const reply = client.request(path, options);
    // Not a minute longer than needed, if it never gets there.
    await Promise.race([arrived, reply]);
    const end = () => {
      signals.emit('released');
      return reply;
    };
    this.#held.push(end);
    return { end };
  }

  /** Lets every handler go on that still waits, else the app can't be closed. */
  async releaseAll(): Promise<void> {
    await Promise.allSettled(this.#held.map((end) => end()));
  }

  /** A browser with a session that holds these data. */
  async browserWith(data: object = { a: 1 }): Promise<HttpClient> {
    const client = this.client();
    await this.visit(client, ({ session }) => void Object.assign(session, data));
    return client;
  }

  /** A browser of a user. */
  async browserOf(userId: string): Promise<HttpClient> {
    const client = this.client();
    await this.visit(client, ({ session }) => session.login(userId));
    return client;
  }

  /** The data that a browser's session holds, read in a request of its own that changes none of its cookies. */
  async dataOf(client: HttpClient, options?: RequestOptions): Promise<unknown> {
    return this.ask(client.clone(), ({ session }) => ({ ...session }), options);
  }

  /** Whether a browser's token opens a session. */
  async isAlive(client: HttpClient, options?: RequestOptions): Promise<boolean> {
    return (await this.ask(client.clone(), ({ session }) => !session.isNew, options)) as boolean;
  }

  /** Whose session a browser has; `null`: nobody's. */
  userOf(client: HttpClient): Promise<unknown> {
    return this.ask(client.clone(), ({ session }) => session.userId);
  }

  eventTypes(): string[] {
    return this.events.map((event) => (event.type === 'rejected' ? `rejected: ${event.reason}` : event.type));
  }
}

/** Starts an app for this test. Sessions are in memory, unless the options say where. */
export async function startWorld(
  platform: Platform,
  sessions: SessionOptions = {},
  app: Partial<AppOptions> = {},
): Promise<World> {
  const clock = new TestClock();
  const store = new ObservedStore();
  const isElsewhere = ['collection', 'store', 'db', 'uri'].some((option) => option in sessions);
  const options = { clock, ...(!isElsewhere && { store }), ...sessions };
  const controllers = [StageController, ...(app.controllers ?? [])];
  const world = new World(await startApp({ ...app, platform, controllers, sessions: options }), clock, store);
  // Before the app is closed: what was registered last runs first.
  onTestFinished(async () => {
    await world.releaseAll();
    const [failed] = failedAssertions.splice(0);
    if (failed) throw failed;
  });
  return world;
}

/** A world, and a browser with a session of these data, or of this user. */
export async function startWith(platform: Platform, sessions: SessionOptions = {}, given: object | string = { a: 1 }) {
  const world = await startWorld(platform, sessions);
  const browser = await (typeof given === 'string' ? world.browserOf(given) : world.browserWith(given));
  return { world, browser };
}

/** What a browser sends. */
export function tokenOf(client: HttpClient): string {
  return client.jar.get('id')!;
}

/** The public name in a token. */
export function handleOf(token: string): string {
  return Buffer.from(token, 'base64url').toString('hex', 0, 12);
}

/** A client with one cookie more, or another. */
export function withCookie(client: HttpClient, value: string, name = 'id'): HttpClient {
  const twin = client.clone();
  twin.jar.set(name, value);
  return twin;
}

/** The token that a reply hands out under that name. */
export function tokenIn(reply: Reply, name = 'id'): string | undefined {
  const cookie = reply.cookies.find((header) => header.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1).split(';')[0];
}
