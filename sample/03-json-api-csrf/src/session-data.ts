// What the sessions of this app hold. Declared once, and `@Session()` is typed.

export type Note = string;

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    notes?: Note[];
  }
}
