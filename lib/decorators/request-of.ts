import type { ExecutionContext } from '@nestjs/common';

/** The request behind a controller, a GraphQL resolver or a gateway; undefined where there is none. */
export function requestOf(context: ExecutionContext): unknown {
  switch (context.getType<'http' | 'graphql' | 'ws' | 'rpc'>()) {
    case 'graphql': {
      // Apollo hands the request over as `req`, Mercurius as `reply.request`.
      const graphql = context.getArgByIndex<{ req?: unknown; reply?: { request?: unknown } } | undefined>(2);
      return graphql?.req ?? graphql?.reply?.request;
    }
    case 'ws':
      // The handshake's request, where its middleware has read the session.
      return context.switchToWs().getClient<{ request?: unknown } | undefined>()?.request;
    default:
      return context.switchToHttp().getRequest();
  }
}
