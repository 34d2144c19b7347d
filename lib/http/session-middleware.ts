import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '../core/errors.js';
import { RequestCycle } from '../core/request-cycle.js';
import type { SessionManager } from '../core/session-manager.js';
import type { Session } from '../core/session/session.js';
import { excludeMatcher } from './exclude-paths.js';
import { replyWithFailure } from './failure-reply.js';
import type { SessionMiddleware } from './http-adapter.interface.js';
import { NodeExchange } from './node-exchange.js';
import { ResponseGate } from './response-gate.js';
import { isTaken, mountOn } from './session-of.js';

export type { SessionMiddleware } from './http-adapter.interface.js';

type Next = Parameters<SessionMiddleware>[2];

/** On the response itself, and not to be enumerated: with a WeakMap, whose keys its values hold, garbage collection takes ten times as long. */
const GATE = Symbol('nestjs-mongo-sessions.gate');

/** One a response, for all sessions on it. */
export function gateOf(response: ServerResponse): ResponseGate | undefined {
  return (response as { [GATE]?: ResponseGate })[GATE];
}

/** Reads a registration's session for every request, once, and lets no answer leave before it is saved. */
export function createSessionMiddleware(manager: SessionManager): SessionMiddleware {
  const excludedBy = excludeMatcher(manager.options.exclude);
  const { name } = manager.options;

  function open(request: IncomingMessage, response: ServerResponse, next: Next): Promise<void> | undefined {
    const mounted = mountOn(request);
    if (mounted.get(name)?.manager === manager) return undefined;
    if (name === 'default' && isTaken(request)) throw takenError();
    const pattern = excludedBy?.(request);
    if (pattern !== undefined) {
      mounted.set(name, new ExcludedSession(manager, pattern));
      return undefined;
    }
    const gate = gateOf(response) ?? createGate(manager, response, next);
    const cycle = new RequestCycle(manager, new NodeExchange(request, gate));
    gate.add(cycle);
    mounted.set(name, new OpenSession(manager, cycle));
    return cycle.open();
  }

  return (request, response, next) => {
    let opening: Promise<void> | undefined;
    try {
      opening = open(request, response, next);
    } catch (error) {
      next(error);
      return;
    }
    if (opening) void opening.then(() => process.nextTick(next));
    else next();
  };
}

function createGate(manager: SessionManager, response: ServerResponse, next: Next): ResponseGate {
  const gate = new ResponseGate(response, {
    // Express takes an error at any time. @fastify/middie does not: by then its `next` may serve another request.
    answerFailure: isExpress(response) ? next : (error) => replyWithFailure(response, error),
    log: (message) => manager.hooks.log.error(message),
  });
  Object.defineProperty(response, GATE, { value: gate });
  return gate;
}

function isExpress(response: ServerResponse): boolean {
  return typeof (response as { app?: unknown }).app === 'function';
}

class OpenSession {
  constructor(
    readonly manager: SessionManager,
    private readonly cycle: RequestCycle,
  ) {}

  get session(): Session<object> {
    return this.cycle.session;
  }
}

class ExcludedSession {
  constructor(
    readonly manager: SessionManager,
    private readonly pattern: string,
  ) {}

  get session(): Session<object> {
    throw new SessionError(
      'SESSION_EXCLUDED',
      `The option \`exclude\` has '${this.pattern}', which matches this path, so it has no session. Narrow the pattern, or do without.`,
    );
  }
}

function takenError(): SessionError {
  return new SessionError(
    'SESSION_OPTION_INVALID',
    'request.session is taken by another session library. Remove that, or give this registration a `name` and ask for it by that.',
  );
}
