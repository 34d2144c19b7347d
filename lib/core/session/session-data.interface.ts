/**
 * What your sessions hold. Augment it once, and `@Session()`, `@Session('key')` and
 * `request.session` are typed:
 *
 * ```ts
 * declare module 'nestjs-mongo-sessions' {
 *   interface SessionData { cart?: Item[] }
 * }
 * ```
 */
export interface SessionData {}
