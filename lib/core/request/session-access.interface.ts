import type { SessionObject } from '../session/session.js';
import type { Registration } from './registration.js';

/** One registration's session on one request, or on one message of a socket. */
export interface SessionAccess {
  readonly registration: Registration;
  /**
   * Reads the session if nobody has yet. Undefined if there is nothing to wait for. Never rejects.
   */
  load(): Promise<void> | undefined;
  /** Throws if there can be no session, or if it could not be read. */
  readonly session: SessionObject<object>;
  /** What the framework behind it makes of an error. */
  toFrameworkError(error: unknown): unknown;
  /**
   * From now on the session can only be read, and the request or message is no use of it. Saves
   * what has changed before. Rejects like `session`, and if that can't be saved.
   */
  makeReadonly(): Promise<void>;
}
