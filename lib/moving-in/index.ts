export type {
  CookieLifetime,
  ExpressSession,
  ExpressSessionMembers,
  ExpressSessionRequest,
  FaceSessionCookie,
  FaceStore,
} from '../core/session/express-session.interface.js';
export type {
  FastifySession,
  FastifySessionMembers,
  FastifySessionRequest,
} from '../core/session/fastify-session.interface.js';
export type { OldCookie, OldRequest, OldSession, SessionImporter } from '../core/options/session-importer.interface.js';
export { type ConnectMongoOptions, fromConnectMongo } from './from-connect-mongo.js';
export { type CookieOptions, fromCookie } from './from-cookie.js';
export { type DocumentsOptions, fromDocuments } from './from-documents.js';
export type { CookieOption, ImporterOptions } from './importer-options.js';
