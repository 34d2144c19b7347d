import type { SessionContext } from '../lifecycle/session-context.js';

/** Of MongoDB: the database user lacks the rights. */
const UNAUTHORIZED = 13;

/** Whether a store's operation failed because the database user may not do it. */
export function isUnauthorized(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } | undefined };
  return cause?.code === UNAUTHORIZED;
}

/** Without `maxSessions` logins go on, because apps ran with fewer rights before. */
export function warnOfRights(context: SessionContext): void {
  const { collection } = context.options.source();
  const name =
    typeof collection === 'string' ? `"${collection}.users"` : "of the sessions' name with `.users` behind it";
  const what = `The database user may not read and write the collection ${name}, so logins that are in flight while sessions are revoked survive.`;
  context.warnOnce(`${what} Grant it find, insert and update there.`);
}
