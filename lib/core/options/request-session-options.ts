/** Names of what `request.session` can show; false: another library owns it. */
export type RequestSessionFace = 'plain' | 'express-session' | 'fastify-session' | false;

/** What `request.session` shows to other libraries, in the long form. */
export class RequestSessionOptions {
  /**
   * The session as `@Session()` gives it (`'plain'`), or as the sessions of another library look
   * (`'express-session'`, `'fastify-session'`). False: `request.session` is neither defined nor
   * guarded, so another library can assign it.
   * @default 'plain'
   */
  as?: RequestSessionFace = 'plain';

  /**
   * Whether a session without data is stored too: for every request that comes without a session
   * (true), or only if somebody reads its `id`, `sessionID` or `sessionId` (`'when-named'`). A
   * session that a request empties then stays. Not with `'plain'`.
   * @default false
   */
  storeEmpty?: boolean | 'when-named' = false;

  /**
   * What `request.session = null` does, and on Express `delete request.session`: `'keep'` drops
   * what this request has changed, `'destroy'` ends the session. Only with `'express-session'`.
   * @default 'keep'
   */
  unset?: 'keep' | 'destroy' = 'keep';
}
