import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import type { SessionEnd } from '../core/lifecycle/session-ends.js';

/** The connection behind a socket. Those of the socket.io namespaces of one client share it. */
export interface SocketConnection {
  /** What stands for the connection. */
  readonly key: object;
  /** The request that opened it; undefined where the library does not tell, as ws. */
  readonly request: IncomingMessage | undefined;
  readonly isOpen: boolean;
  /** It closes once. */
  onClosed(listener: () => void): void;
  /**
   * `replaced` closes the transport only, so that the client comes back by itself, with its new
   * cookie. Anything else is for good.
   */
  close(why: SessionEnd['why']): void;
}

/** What is used of a socket of socket.io. */
interface SocketIoSocket extends EventEmitter {
  readonly conn: EventEmitter & { readonly readyState: string; close(): void };
  /** All sockets of the connection, one for each namespace. */
  readonly client: { readonly sockets: ReadonlyMap<string, SocketIoSocket> };
  readonly request: IncomingMessage;
  readonly rooms: ReadonlySet<string>;
  readonly connected: boolean;
  leave(room: string): unknown;
  disconnect(close: boolean): unknown;
}

/** What is used of a socket of ws. */
interface WsSocket extends EventEmitter {
  readonly readyState: number;
  readonly protocol: string;
  close(code: number, reason: string): void;
}

/**
 * The connection behind a socket of a server, known by its shape. What came from a client has no
 * methods, so it is never taken for one, and nothing of it is called.
 */
export function connectionOf(socket: unknown): SocketConnection | undefined {
  if (types.isProxy(socket) || !(socket instanceof EventEmitter)) return undefined;
  if (isSocketIo(socket)) return new SocketIoConnection(socket);
  return isWs(socket) ? new WsConnection(socket) : undefined;
}

function isSocketIo(socket: EventEmitter): socket is SocketIoSocket {
  const { conn, client, request } = socket as Partial<SocketIoSocket>;
  return (
    conn instanceof EventEmitter &&
    client?.sockets instanceof Map &&
    request instanceof IncomingMessage &&
    hasMethods(socket, 'leave', 'disconnect')
  );
}

function isWs(socket: EventEmitter): socket is WsSocket {
  const { readyState, protocol } = socket as Partial<WsSocket>;
  return typeof readyState === 'number' && typeof protocol === 'string' && hasMethods(socket, 'close', 'terminate');
}

function hasMethods(object: object, ...names: string[]): boolean {
  return names.every((name) => typeof (object as Record<string, unknown>)[name] === 'function');
}

class SocketIoConnection implements SocketConnection {
  readonly key: SocketIoSocket['conn'];
  readonly request: IncomingMessage;
  readonly #client: SocketIoSocket['client'];

  constructor(socket: SocketIoSocket) {
    this.key = socket.conn;
    this.request = socket.request;
    this.#client = socket.client;
  }

  get isOpen(): boolean {
    return this.key.readyState === 'open';
  }

  onClosed(listener: () => void): void {
    this.key.on('close', listener);
  }

  close(why: SessionEnd['why']): void {
    const [first] = this.#client.sockets.values();
    if (why !== 'replaced' && first) return void first.disconnect(true);
    this.#leaveRooms();
    // A client that does not poll keeps its transport open for a while, and a handler that has
    // begun before may let it into a room. This comes before socket.io notes the rooms.
    this.key.prependListener('close', () => this.#leaveRooms());
    this.key.close();
  }

  /**
   * With connection state recovery a client would be back in its rooms, past all middleware, also
   * in namespaces that have never asked for the session.
   */
  #leaveRooms(): void {
    for (const socket of this.#client.sockets.values()) for (const room of socket.rooms) socket.leave(room);
  }
}

/** The subprotocol of graphql-ws, whose clients come back after any code but some. */
const GRAPHQL_PROTOCOL = 'graphql-transport-ws';
const GRAPHQL_UNAUTHORIZED = 4401;
const POLICY_VIOLATION = 1008;
/** Of our own: the client may come back. */
const SESSION_REPLACED = 4000;
const OPEN = 1;

class WsConnection implements SocketConnection {
  readonly request = undefined;

  constructor(readonly key: WsSocket) {}

  get isOpen(): boolean {
    return this.key.readyState === OPEN;
  }

  onClosed(listener: () => void): void {
    this.key.on('close', listener);
  }

  close(why: SessionEnd['why']): void {
    if (why === 'replaced') return this.key.close(SESSION_REPLACED, 'session replaced');
    const code = this.key.protocol === GRAPHQL_PROTOCOL ? GRAPHQL_UNAUTHORIZED : POLICY_VIOLATION;
    this.key.close(code, 'session ended');
  }
}
