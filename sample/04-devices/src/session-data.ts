// What the sessions of this app hold beside the user.

/** What was asked for when the login had become too old: it is done after the password. */
export type Task = { kind: 'sign-out'; handle: string } | { kind: 'sign-out-others' };

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    task?: Task;
    /** Whose password was right, on a browser that has no place left: they choose a device to sign out. */
    verified?: { login: string; at: Date };
  }
}
