/** What the sessions of this app hold beside the user. */
export interface ChatData {
  /** What the user is called in the chat, if they have chosen a name. */
  name?: string;
}

declare module 'nestjs-mongo-sessions' {
  interface SessionData extends ChatData {}
}
