import type { SessionObject } from '../core/session/session.js';

/**
 * What `request.session` is if the option `requestSession` shows a face. Augment it once:
 *
 * ```ts
 * import type { ExpressSession } from 'nestjs-mongo-sessions/moving-in';
 *
 * declare module 'nestjs-mongo-sessions' {
 *   interface ShownSession { session: ExpressSession }
 * }
 * ```
 */
export interface ShownSession {}

/** What the module adds to a request of Express, Fastify or Node. */
export interface SessionRequest {
  /**
   * The default or only session, with the data that `SessionData` declares. Undefined on excluded
   * paths, before the module has run, and after the response.
   */
  session: ShownSession extends { session: infer Shown }
    ? Shown
    : Express.Request extends { sessionID: string; sessionStore: unknown }
      ? ForeignSession
      : SessionObject;
}

/**
 * The types of express-session may be installed too, and have declared `request.session` already.
 */
// oxlint-disable-next-line typescript/no-explicit-any
type ForeignSession = any;

declare global {
  // Express's types are made to be extended like this. Without them it has no effect.
  namespace Express {
    interface Request extends SessionRequest {}
  }
}

/** The types of @fastify/session and @fastify/secure-session declare `request.session`, too. */
export interface FastifySessionRequest<Instance> {
  session: ShownSession extends { session: infer Shown }
    ? Shown
    : Instance extends { decryptSession: unknown } | { decodeSecureSession: unknown }
      ? ForeignSession
      : SessionObject;
}

/** @ts-ignore There may be no such module. */
declare module 'fastify' {
  /** @ts-ignore */
  interface FastifyRequest extends FastifySessionRequest<import('fastify').FastifyInstance> {}
}
