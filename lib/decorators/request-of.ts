import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../core/errors.js';
import { getRequestSessions } from '../http/request-sessions.js';

/** The request behind a controller or a GraphQL resolver. Throws `SESSION_NOT_MOUNTED` for what comes without HTTP. */
export function requestOf(context: ExecutionContext): unknown {
  const type = context.getType<string>();
  const request = requestIn(context, type);
  const fix = UNSERVED[type];
  // A handshake has its session where middleware has opened it.
  if (!fix || getRequestSessions(request) || isOverHttp(context, type, request)) return request;
  throw new SessionError('SESSION_NOT_MOUNTED', fix);
}

const UNSERVED: Partial<Record<string, string>> = {
  ws: 'A gateway has no session, because sockets are not served yet. Read the session in an HTTP route, and let that give the client a short-lived token for the handshake.',
  graphql:
    'A GraphQL operation over a socket, such as a subscription, has no session, because sockets are not served yet. Put what it needs in `connectionParams`; over HTTP, the context needs the request as `req`.',
  rpc: 'A microservice message has no session. Put what the handler needs in the message.',
};

function requestIn(context: ExecutionContext, type: string): unknown {
  switch (type) {
    case 'graphql': {
      // Apollo hands the request over as `req`, Mercurius as `reply.request`.
      const graphql = context.getArgByIndex<{ req?: unknown; reply?: { request?: unknown } } | undefined>(2);
      return graphql?.req ?? graphql?.reply?.request;
    }
    case 'ws':
      return context.switchToWs().getClient<{ request?: unknown } | undefined>()?.request;
    default:
      return context.switchToHttp().getRequest();
  }
}

function isOverHttp(context: ExecutionContext, type: string, request: unknown): boolean {
  if (type !== 'graphql' || request === undefined) return false;
  const info = context.getArgByIndex<{ operation?: { operation?: unknown } } | undefined>(3);
  return info?.operation?.operation !== 'subscription';
}
