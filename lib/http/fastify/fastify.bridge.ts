import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { SessionError } from '../../core/errors.js';
import { RESPONSE_HEADERS, sendFailureResponse } from '../response/failure-response.js';
import { gateOf } from '../response/response-gate.js';
import type { HeaderValue } from '../response/session-headers.js';
import { enterRequest } from '../ambient.js';
import type { HttpAdapter } from '../http-adapter.interface.js';
import type { LoadSessions } from '../session-loader.js';
import type { SessionProperties } from '../session-properties.interface.js';
import { takenError } from '../session-property.js';

/** The part of a Fastify instance, root or context, that is used here. */
interface FastifyInstance {
  decorate(name: string, property: unknown): unknown;
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, property: unknown): unknown;
  addHook(name: 'onRequest' | 'preValidation', hook: OnRequest): unknown;
  addHook(name: 'onRegister', hook: (context: FastifyInstance) => void): unknown;
  addHook(name: 'onSend', hook: OnSend): unknown;
  addHook(name: 'onError', hook: OnError): unknown;
  /** From @fastify/middie, which Nest registers unless it is told not to. */
  use?: (this: FastifyInstance, ...args: unknown[]) => unknown;
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  sent?: boolean;
  removeHeader(name: string): unknown;
  getHeader(name: string): HeaderValue | undefined;
  getHeaders(): Record<string, HeaderValue>;
  header(name: string, value: HeaderValue): unknown;
  hijack(): unknown;
}

type Done = (error?: unknown) => void;
type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;
type Proceed = (error: unknown, payload?: unknown) => void;
type OnError = (request: unknown, reply: FastifyReply, error: unknown, proceed: () => void) => void;
type OnSend = (request: unknown, reply: FastifyReply, payload: unknown, proceed: Proceed) => void;

/**
 * Opens sessions in a Fastify hook, which costs less than middleware. Nest registers the hook that
 * runs middleware (`app.use`) before any module exists, so that one comes first: the first
 * middleware, of the root or of a context with its own, opens the sessions before it runs.
 */
export function mountOnFastify(adapter: HttpAdapter, open: LoadSessions): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  fastify.addHook('onRequest', (request, reply, done) => open(request.raw, reply.raw, done, request));
  insertBeforeMiddleware(fastify, open);
  fastify.addHook('onRegister', (context) => insertBeforeMiddleware(context, open));
}

function insertBeforeMiddleware(context: FastifyInstance, open: LoadSessions): void {
  const { use } = context;
  if (!use) return;
  const middleware = (request: IncomingMessage, response: ServerResponse, next: Done) =>
    open(request, response, next, request);
  let isInserted = false;
  context.use = function (...args) {
    if (!isInserted) use.call(this, middleware);
    isInserted = true;
    return use.apply(this, args);
  };
}

/** Middleware and body parsers that call back from another async context lose the request's. */
export function enterAgainOnFastify(adapter: HttpAdapter): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  fastify.addHook('preValidation', (request, reply, done) => enterRequest(request.raw, reply.raw, done));
}

/** Defines `request.session` and what belongs to it before plugins of main.ts can ask for it. */
export function decorateRequest(adapter: HttpAdapter, properties: SessionProperties): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  for (const [name, property] of Object.entries(properties)) {
    if (fastify.hasRequestDecorator(name)) throw takenError();
    fastify.decorateRequest(name, { getter: property.get, setter: property.set });
  }
}

/** What @fastify/session gives an instance of Fastify besides. */
export function refuseDecryptSession(adapter: HttpAdapter): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  fastify.decorate('decryptSession', () => {
    const fix = 'For the request of a socket, use MongoSessions.middleware.';
    throw new SessionError('SESSION_FACE_REFUSED', `fastify.decryptSession() does nothing here. ${fix}`);
  });
}

/**
 * A hook after those of main.ts commits on the normal path, where a failure still reaches the app's
 * error handling. The gate on the raw response handles the rest: hijacked replies, Server-Sent
 * Events, and what is written to `reply.raw`.
 * @param properties of a named registration
 */
export function completeOnFastify(adapter: HttpAdapter, properties: SessionProperties | undefined): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  // A named registration leaves it to a plugin of main.ts.
  if (properties && !fastify.hasRequestDecorator('session')) decorateRequest(adapter, properties);
  fastify.addHook('onError', rememberError);
  fastify.addHook('onSend', commitBeforeSending);
}

/** Responses of an error handler. */
const ofErrorHandlers = new WeakSet<ServerResponse>();

const rememberError: OnError = (_request, reply, _error, proceed) => {
  ofErrorHandlers.add(reply.raw);
  proceed();
};

const commitBeforeSending: OnSend = (_request, reply, payload, proceed) => {
  const gate = gateOf(reply.raw);
  if (!gate) return proceed(null, payload);
  let release: (() => void) | undefined;
  const send = () => {
    release?.();
    gate.headers.addListsTo(reply);
    proceed(null, payload);
  };
  const stream = streamOf(payload);
  gate.commitThen({
    hold: () => (release = holdReply(reply)),
    send,
    fail: (error) => {
      release?.();
      for (const header of RESPONSE_HEADERS) {
        reply.removeHeader(header);
        // Fastify before 5.12 keeps headers that were set on the raw response.
        reply.raw.removeHeader(header);
      }
      stream?.destroy();
      // Fastify asks no error handler twice, and would respond with the error's message.
      if (ofErrorHandlers.has(reply.raw)) replyRaw(reply, error);
      else proceed(error);
    },
  });
};

/**
 * Makes a reply that waits look sent, so that nobody replies again. Returns a function that ends
 * this, and undoes what was set in the meantime.
 */
function holdReply(reply: FastifyReply): () => void {
  const headers = reply.getHeaders();
  for (const [name, value] of Object.entries(headers)) if (Array.isArray(value)) headers[name] = [...value];
  Object.defineProperty(reply, 'sent', { value: true, configurable: true });
  return () => {
    delete reply.sent;
    const present = reply.getHeaders();
    for (const name of Object.keys({ ...present, ...headers })) {
      const value = headers[name];
      if (isDeepStrictEqual(value, present[name])) continue;
      reply.removeHeader(name);
      if (value !== undefined) reply.header(name, value);
    }
  };
}

/**
 * A stream may break while it waits for the commit. Fastify notices when it sends the stream, but
 * until then nobody listens.
 */
function streamOf(payload: unknown): Readable | undefined {
  if (!(payload instanceof Readable)) return undefined;
  return payload.on('error', () => {});
}

function replyRaw(reply: FastifyReply, error: unknown): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value);
  reply.hijack();
  sendFailureResponse(reply.raw, error);
}
