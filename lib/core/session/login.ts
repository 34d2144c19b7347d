import { userKeyOf } from '../store/user-key.js';

/** Whose session it becomes, and how that was proved. */
export interface Login {
  readonly userId: unknown;
  readonly amr?: readonly string[] | undefined;
  /** See `LoginOptions`; in milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly maxSessions?: number | undefined;
  readonly label?: string | undefined;
}

/** Whether a session's user, if it has one, is that one. */
export function isSameUser(userId: unknown, other: unknown): boolean {
  return userId !== undefined && userKeyOf(userId) === userKeyOf(other);
}
