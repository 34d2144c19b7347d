import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError, loggedErrors } from '../core/errors.js';
import { messageOf } from '../core/lifecycle/session-context.js';
import { DetachedExchange } from '../core/request/detached-exchange.js';
import { readHandshakeTokens } from '../core/request/handshake-tokens.js';
import type { Registration } from '../core/request/registration.js';
import { UnitOfWork } from '../core/request/unit-of-work.js';
import { makeReadonly } from '../core/session/readonly-session.js';
import type { SessionObject } from '../core/session/session.js';
import { SessionState } from '../core/session/session-state.js';
import type { ErrorConverter } from './node-exchange.js';
import { notLoadedError } from './on-demand-session.js';
import type { RequestSession } from './request-sessions.js';
import { viewHandshake } from './view-handshake.js';

/**
 * Whether a request becomes a WebSocket. Some libraries let it go the way of all requests first,
 * such as @fastify/websocket. Without a server for sockets, Node takes it for any other request.
 */
export function isUpgrade(request: IncomingMessage): boolean {
  const { upgrade } = request.headers;
  return upgrade?.toLowerCase() === 'websocket' && (request as { upgrade?: unknown }).upgrade !== false;
}

/**
 * Whether a request opens or carries a socket: nothing that is saved could be told to its response.
 * With `{}`, or a response that was never given the connection; or socket.io's own polling.
 */
export function isHandshake(request: IncomingMessage, response: Partial<ServerResponse>): boolean {
  return !response.socket || isUpgrade(request) || /[?&]EIO=\d/.test(request.url ?? '');
}

/**
 * The session of a handshake, for middleware of a socket library and where the platform routes the
 * handshake: as it is then, and only to read. Neither a handshake nor each of its polls is a use of
 * it.
 */
export class HandshakeSession implements RequestSession {
  following: RequestSession | undefined = undefined;
  readonly #exchange: DetachedExchange;
  #work: UnitOfWork | undefined;
  #failure: unknown;
  #loading: Promise<void> | undefined;

  constructor(
    readonly registration: Registration,
    private readonly request: IncomingMessage,
    convertError: ErrorConverter,
  ) {
    this.#exchange = new DetachedExchange(convertError);
  }

  load(): Promise<void> {
    return (this.#loading ??= this.#open());
  }

  async #open(): Promise<void> {
    try {
      this.#work = new UnitOfWork(await this.#read(), this.registration, this.#exchange);
      makeReadonly(this.#work.session, this.#work);
    } catch (error) {
      this.#failure = error;
      if (!(error instanceof SessionError) || (error.httpStatus === 503 && !loggedErrors.has(error)))
        this.registration.hooks.log.error(`A session could not be read: ${messageOf(error)}`);
    }
  }

  async #read(): Promise<SessionState> {
    const { manager, context } = this.registration;
    const handshake = viewHandshake(this.request, this.registration);
    const now = context.now();
    const tokens = readHandshakeTokens(this.registration, handshake);
    const state = tokens.length > 0 ? await manager.load(tokens, handshake.remoteAddress, now) : undefined;
    state?.forgetToken();
    state?.stopUse();
    return state ?? new SessionState(now);
  }

  get session(): SessionObject<object> {
    if (this.#work) return this.#work.session;
    throw this.toFrameworkError(this.#failure ?? notLoadedError());
  }

  /** Once the connection has closed, nobody can be told of a failure. */
  get sessionIfAny(): SessionObject<object> | undefined {
    if (!this.#work && this.request.socket.destroyed) return undefined;
    return this.session;
  }

  toFrameworkError(error: unknown): unknown {
    return this.#exchange.toFrameworkError(error);
  }

  /** It is so already. */
  makeReadonly(): Promise<void> {
    return Promise.resolve();
  }
}
