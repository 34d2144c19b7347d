import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestCycle } from '../core/request/request-cycle.js';
import type { Registration } from '../core/request/registration.js';
import type { SessionObject } from '../core/session/session.js';
import { unsetIfDeleted } from './faces/face-properties.js';
import { isDestroyed, sendFailureResponse, stackOf } from './response/failure-response.js';
import { type ErrorConverter, NodeExchange } from './node-exchange.js';
import { type GateHooks, ResponseGate, gateOf } from './response/response-gate.js';
import type { RequestSession } from './request-sessions.js';

/**
 * One registration's session on a request. The response is guarded when a session is read, or when
 * somebody asks for one: from then on there may be something to write. Most requests of visitors
 * without a session never get that far.
 */
export class ActiveSession extends NodeExchange implements RequestSession, GateHooks {
  following: RequestSession | undefined = undefined;
  #cycle: RequestCycle | undefined;
  #isGuarded = false;
  /** Read before any guard can check a password. */
  readonly #arrivedAt: number;

  constructor(
    readonly registration: Registration,
    request: IncomingMessage,
    response: ServerResponse,
    private readonly next: (error: unknown) => void,
    platform: object,
    convertError: ErrorConverter,
  ) {
    super(request, response, platform, convertError);
    this.#arrivedAt = registration.context.now();
  }

  get session(): SessionObject<object> {
    return this.#guarded.session;
  }

  async makeReadonly(): Promise<void> {
    await this.#guarded.makeReadonly();
  }

  get #guarded(): RequestCycle {
    const cycle = (this.#cycle ??= new RequestCycle(this.registration, this, this.#arrivedAt));
    this.#guard(cycle);
    return cycle;
  }

  /** After the headers, or without a client, nobody can be told of a failure. */
  get sessionIfAny(): SessionObject<object> | undefined {
    try {
      return this.session;
    } catch (error) {
      if (this.response.headersSent || isDestroyed(this.response)) return undefined;
      throw error;
    }
  }

  get isAnswered(): boolean {
    return this.response.writableEnded;
  }

  /** It is read before anybody can ask for it. */
  load(): Promise<void> | undefined {
    return undefined;
  }

  noteUnset(): void {
    if (this.registration.options.requestSession.as === 'express-session') unsetIfDeleted(this.request);
  }

  /** See `RequestCycle.open`. */
  open(): Promise<void> | undefined {
    if (this.request.headers[this.registration.transport.headerKey] === undefined) return undefined;
    const cycle = (this.#cycle = new RequestCycle(this.registration, this, this.#arrivedAt));
    const opening = cycle.open();
    if (opening) this.#guard(cycle);
    return opening;
  }

  #guard(cycle: RequestCycle): void {
    if (this.#isGuarded) return;
    this.#isGuarded = true;
    const gate = gateOf(this.response) ?? new ResponseGate(this.response, this);
    gate.add(cycle);
  }

  respondWithFailure(error: unknown, isLogged: boolean): void {
    // Express accepts an error at any time. With @fastify/middie, `next` may already serve another
    // request.
    if (isExpress(this.response)) return this.next(error);
    if (!isLogged) this.log(`A response failed: ${stackOf(error)}`);
    sendFailureResponse(this.response, error);
  }

  log(message: string): void {
    this.registration.hooks.log.error(message);
  }

  watchClosed(gate: ResponseGate): void {
    this.registration.context.unsaved.add(gate);
  }
}

function isExpress(response: ServerResponse): boolean {
  return typeof (response as { app?: unknown }).app === 'function';
}
