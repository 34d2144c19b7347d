/**
 * An optional ability of a `SessionStore`: it counts sessions. `request.sessionStore.length()` of
 * the option `requestSession` needs it.
 */
export interface CountableStore {
  /** How many sessions end after this time (milliseconds since 1970), of all registrations. */
  count(after: number): Promise<number>;
}
