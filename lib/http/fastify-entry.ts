import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenSessions } from './session-middleware.js';

/** As much of a Fastify instance, its root or one of its contexts, as this needs. */
interface FastifyContext {
  addHook(name: 'onRequest', hook: OnRequest): unknown;
  addHook(name: 'onRegister', hook: (context: FastifyContext) => void): unknown;
  /** Of @fastify/middie, which Nest registers unless it is told not to. */
  use?: (this: FastifyContext, ...args: unknown[]) => unknown;
}

interface Raw<T> {
  readonly raw: T;
}

type Done = (error?: unknown) => void;
type OnRequest = (request: Raw<IncomingMessage>, reply: Raw<ServerResponse>, done: Done) => void;

const entries = new WeakMap<object, FastifyEntry>();

/** Where requests come to the sessions: one an instance, for all registrations. */
export function entryOf(fastify: object): FastifyEntry {
  const present = entries.get(fastify);
  if (present) return present;
  const entry = new FastifyEntry(fastify as FastifyContext);
  entries.set(fastify, entry);
  return entry;
}

/**
 * Sessions are opened by a hook of Fastify's own, behind the one that runs middleware (`app.use`) for it: an app without any spares each
 * request what that costs. What is mounted later on is middleware of modules, and may need the session, so the first of it has
 * the sessions put in front of it.
 */
class FastifyEntry {
  #open: OpenSessions = (_request, _response, next) => next();

  /** Its place among the hooks is that of the moment when it is made. */
  constructor(private readonly fastify: FastifyContext) {
    fastify.addHook('onRequest', (request, reply, done) => this.#open(request.raw, reply.raw, done, request));
    // Such a context has middleware of its own.
    fastify.addHook('onRegister', (context) => this.#goInFrontOf(context));
  }

  /** Opens these too; with the first of them the middleware of main.ts is complete. */
  add(open: OpenSessions, isFirst: boolean): void {
    const before = this.#open;
    this.#open = isFirst
      ? open
      : (request, response, next, platform) =>
          before(
            request,
            response,
            (error) => (error === undefined ? open(request, response, next, platform) : next(error)),
            platform,
          );
    if (isFirst) this.#goInFrontOf(this.fastify);
  }

  #goInFrontOf(context: FastifyContext): void {
    const { use } = context;
    if (!use) return;
    const middleware = (request: IncomingMessage, response: ServerResponse, next: Done) =>
      this.#open(request, response, next, request);
    let isThere = false;
    context.use = function (...args) {
      if (!isThere) use.call(this, middleware);
      isThere = true;
      return use.apply(this, args);
    };
  }
}
