import type { SessionObject } from '../core/session/session.js';

/** What the module adds to a request, on Express, Fastify and Node alike. */
export interface SessionRequest {
  /**
   * The default session, or the only one, with the data that `SessionData` declares. Undefined on excluded paths, before the
   * module has run, and once the response has left.
   */
  session: Express.Request extends { sessionID: string; sessionStore: unknown } ? ForeignSession : SessionObject;
}

/** The types of express-session are installed too, and have declared `request.session` already. */
// oxlint-disable-next-line typescript/no-explicit-any
type ForeignSession = any;

declare global {
  // Express's own types are made to be added to like this. Without them it stands for nothing.
  namespace Express {
    interface Request extends SessionRequest {}
  }
}

/** @ts-ignore There may be no such module. */
declare module 'fastify' {
  interface FastifyRequest extends SessionRequest {}
}
