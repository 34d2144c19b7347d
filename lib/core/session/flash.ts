import { SessionError } from '../errors.js';
import { quoteKey } from '../quote-key.js';
import { BaseSession, type SessionObject } from './session.js';

/** The messages of one key are a list under a key of data of their own: `flash:notice`. */
const PREFIX = 'flash:';

/** Whatever data can hold, but not undefined. */
type Message = string | number | bigint | boolean | object | null;

/**
 * Messages for the next page, seen once: one that is left before a redirect is there for the first
 * reader.
 *
 * ```ts
 * await flash(session, 'notice', 'Saved');            // leaves a message
 * const notices = await flash(session, 'notice');     // ['Saved'], and [] the next time
 * ```
 *
 * A function and no method, for `session.flash` is where connect-flash keeps its data. Both act on
 * the store at once: messages of parallel requests are all kept, in the order in which they came,
 * and each is read by one request only. They are data of the session under `flash:<key>`: with a
 * new token they go or stay as `keep` says, so that a message about a login is left after it.
 */
export function flash(session: SessionObject<object>, key: string, message: Message): Promise<void>;
/**
 * Removes the messages and resolves with them, oldest first. Without messages it resolves with an
 * empty list, and costs nothing.
 */
export function flash<T = unknown>(session: SessionObject<object>, key: string): Promise<T[]>;
export function flash(
  session: SessionObject<object>,
  key: string,
  ...left: [message?: unknown]
): Promise<unknown[] | void> {
  const name = `${PREFIX}${key}`;
  const operation = (): Promise<unknown[] | void> =>
    left.length > 0 ? leave(session, name, left[0]) : takeAll(session, name);
  return BaseSession.operationsOf(session)?.hand(operation) ?? operation();
}

async function takeAll(session: SessionObject<object>, name: string): Promise<unknown[]> {
  // Later messages are for the next request, so the store need not be asked.
  if (!Array.isArray((session as object as Record<string, unknown>)[name])) return [];
  return (await session.take<unknown[]>(name)) ?? [];
}

async function leave(session: SessionObject<object>, name: string, message: unknown): Promise<void> {
  // Otherwise a typo would read the messages, and remove them.
  if (message === undefined) {
    throw new SessionError(
      'SESSION_VALUE_REFUSED',
      `flash(): the message for session[${quoteKey(name)}] is undefined. Give one, or two arguments to read them.`,
    );
  }
  await session.push(name, [message]);
}
