import type { ExecutionContext } from '@nestjs/common';
import { getRequestSessions, notMountedError } from '../../http/request-sessions.js';

/** The request behind a controller or a GraphQL resolver. Throws `SESSION_NOT_MOUNTED` where others have no session. */
export function requestOf(context: ExecutionContext): unknown {
  const type = context.getType<string>();
  const request = requestIn(context, type);
  const fix = UNSERVED[type];
  // A handshake has its session where middleware has opened it.
  if (fix === undefined || getRequestSessions(request)) return request;
  throw notMountedError(request, fix);
}

const UNSERVED: Partial<Record<string, string>> = {
  ws: 'Sockets are not served yet: let an HTTP route read the session, and give the client a short-lived token for the handshake.',
  graphql:
    'GraphQL over sockets, as for subscriptions, is not served yet: put what it needs in `connectionParams`. Over HTTP, import MongoSessionsModule in the root module, and give the context the request as `req`.',
  rpc: 'Microservices are not served: put what the handler needs in the message.',
};

function requestIn(context: ExecutionContext, type: string): unknown {
  if (type === 'ws') return context.switchToWs().getClient<{ request?: unknown } | undefined>()?.request;
  if (type !== 'graphql') return context.switchToHttp().getRequest();
  // Apollo hands the request over as `req`, Mercurius as `reply.request`.
  const graphql = context.getArgByIndex<{ req?: unknown; reply?: { request?: unknown } } | undefined>(2);
  return graphql?.req ?? graphql?.reply?.request;
}
