// A gateway whose handlers are written in the test itself, and the real clients of socket.io and ws.
import { once } from 'node:events';
import type { INestApplication, Type } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Session, type SessionOptions } from '../../lib/index.js';
import type { AppOptions, Platform } from './app.js';
import { cookieHeader } from '../../lib/testing/session-client.js';
import { ObservedStore, addPorts } from './core/observed-store.js';
import type { HttpClient } from './http-client.js';
import { TellingWsAdapter } from './telling-ws-adapter.js';
import { type AnySession, World, startWorld } from './world.js';

export type Library = 'socket.io' | 'ws';

/** Every combination of platforms. */
export const COMBINATIONS: readonly (readonly [Platform, Library])[] = [
  ['express', 'socket.io'],
  ['express', 'ws'],
  ['fastify', 'socket.io'],
  ['fastify', 'ws'],
];

type HandleMessage = (session: AnySession, client: object, data: unknown) => unknown;

const handlers = new Map<string, HandleMessage>();

/** Answers `act` with what the test's own handler returns. */
@WebSocketGateway()
export class StageGateway {
  @SubscribeMessage('act')
  async act(@Session() session: unknown, @ConnectedSocket() client: object, @MessageBody() data: { id: string }) {
    const result = await handlers.get(data.id)!(session as AnySession, client, data);
    return { event: 'acted', data: { id: data.id, result: result ?? null } };
  }
}

export interface Closed {
  /** Of ws; socket.io has a reason only. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** One socket of a client, whichever library it is of. */
export interface TestSocket {
  /** What the client was told of errors. */
  readonly errors: unknown[];
  readonly isOpen: boolean;
  readonly closed: Promise<Closed>;
  send(event: string, data?: unknown): void;
  /** Sends, and waits for the next message of that name, or for an error, which it throws. */
  ask(event: string, data: unknown, answer: string): Promise<unknown>;
  /** Lets a handler of the test have the session of a message, and resolves with what it returns. */
  act(handle: HandleMessage): Promise<unknown>;
  close(): void;
}

export interface ConnectOptions {
  readonly origin?: string;
  readonly headers?: Record<string, string>;
  readonly transports?: ('polling' | 'websocket')[];
  /** Of another server than the app's. */
  readonly url?: string;
  readonly namespace?: string;
}

/** The code of the error that a message was answered with. */
export class AnsweredError extends Error {
  constructor(readonly answer: unknown) {
    super(JSON.stringify(answer));
  }
}

let count = 0;

abstract class BaseSocket implements TestSocket {
  readonly errors: unknown[] = [];
  abstract readonly isOpen: boolean;
  readonly closed: Promise<Closed>;
  protected hasClosed!: (closed: Closed) => void;
  readonly #waiting = new Set<(event: string, data: unknown) => void>();

  constructor() {
    this.closed = new Promise((resolve) => (this.hasClosed = resolve));
  }

  abstract send(event: string, data?: unknown): void;
  abstract close(): void;

  protected hear(event: string, data: unknown): void {
    if (event === 'exception') this.errors.push(data);
    for (const listener of this.#waiting) listener(event, data);
  }

  ask(event: string, data: unknown, answer: string, fits: (data: unknown) => boolean = () => true): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const listener = (name: string, said: unknown) => {
        if (name !== 'exception' && !(name === answer && fits(said))) return;
        this.#waiting.delete(listener);
        if (name === 'exception') reject(new AnsweredError(said));
        else resolve(said);
      };
      this.#waiting.add(listener);
      void this.closed.then((closed) => reject(new AnsweredError({ closed })));
      this.send(event, data);
    });
  }

  async act(handle: HandleMessage): Promise<unknown> {
    const id = String((count += 1));
    handlers.set(id, handle);
    const said = await this.ask('act', { id }, 'acted', (data) => (data as { id: string }).id === id);
    return (said as { result: unknown }).result;
  }
}

class IoSocket extends BaseSocket {
  readonly #socket;

  constructor(url: string, headers: Record<string, string>, transports: ConnectOptions['transports']) {
    super();
    this.#socket = io(url, {
      extraHeaders: headers,
      transports: transports ?? ['websocket'],
      forceNew: true,
      reconnection: false,
      rejectUnauthorized: false,
    });
    this.#socket.onAny((event: string, data: unknown) => this.hear(event, data));
    this.#socket.on('disconnect', (reason) => this.hasClosed({ code: undefined, reason }));
  }

  async opened(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('connect_error', reject);
    });
  }

  get isOpen(): boolean {
    return this.#socket.connected;
  }

  send(event: string, data?: unknown): void {
    if (data === undefined) this.#socket.emit(event);
    else this.#socket.emit(event, data);
  }

  close(): void {
    this.#socket.disconnect();
  }
}

class WsSocket extends BaseSocket {
  readonly #socket: WebSocket;

  constructor(url: string, headers: Record<string, string>) {
    super();
    this.#socket = new WebSocket(url, { headers, rejectUnauthorized: false });
    this.#socket.on('message', (message: Buffer) => {
      const { event, data } = JSON.parse(message.toString()) as { event: string; data: unknown };
      this.hear(event, data);
    });
    this.#socket.on('close', (code, reason) => this.hasClosed({ code, reason: reason.toString() }));
  }

  async opened(): Promise<void> {
    await once(this.#socket, 'open');
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(event: string, data?: unknown): void {
    this.#socket.send(JSON.stringify({ event, data }));
  }

  close(): void {
    this.#socket.terminate();
  }
}

export class SocketWorld {
  constructor(
    readonly http: World,
    readonly library: Library,
  ) {}

  /** Opens a socket with the cookies of a browser. */
  async connect(browser: HttpClient, options: ConnectOptions = {}): Promise<TestSocket> {
    const { origin, headers, transports, namespace = '/', url = this.http.app.origin } = options;
    const cookie = cookieHeader(browser.jar);
    const sent = { ...(cookie && { cookie }), ...(origin !== undefined && { origin }), ...headers };
    const socket =
      this.library === 'ws'
        ? new WsSocket(url.replace(/^http/, 'ws'), sent)
        : new IoSocket(url + namespace, sent, transports);
    onTestFinished(() => socket.close());
    await socket.opened();
    return socket;
  }
}

export interface SocketWorldOptions {
  readonly sessions?: SessionOptions;
  readonly gateways?: Type[];
  readonly app?: Partial<AppOptions>;
  /** Without what it takes to be watched. */
  readonly isPlainStore?: boolean;
}

/** An app with gateways, on either socket platform. */
export async function startSockets(
  platform: Platform,
  library: Library,
  { sessions, gateways = [StageGateway], app = {}, isPlainStore = false }: SocketWorldOptions = {},
): Promise<SocketWorld> {
  const store = new ObservedStore();
  if (!isPlainStore) addPorts(store);
  const isElsewhere = sessions && ['collection', 'store', 'db', 'uri'].some((option) => option in sessions);
  const world = await startWorld(
    platform,
    { ...(!isElsewhere && { store }), ...sessions },
    {
      ...app,
      providers: [...gateways, ...(app.providers ?? [])],
      async configure(nest: INestApplication) {
        if (library === 'ws') nest.useWebSocketAdapter(new TellingWsAdapter(nest));
        await app.configure?.(nest);
      },
    },
  );
  const observed = isElsewhere ? world.store : store;
  return new SocketWorld(new World(world.app, world.clock, observed), library);
}
