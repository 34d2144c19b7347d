// What the sessions of this app hold. Declared once, and `@Session()` is typed.

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    notes?: string[];
  }
}

export {};
