/** A function that gives the options as they were given. */
export const MODULE_OPTIONS = Symbol('nestjs-mongo-sessions:module-options');

/** Options after validation (`ResolvedOptions`). */
export const RESOLVED_OPTIONS = Symbol('nestjs-mongo-sessions:resolved-options');

/** The store before encryption, with its model and codec. */
export const STORE_PARTS = Symbol('nestjs-mongo-sessions:store-parts');

/** The `SessionStore` in use, with encryption. */
export const STORE = Symbol('nestjs-mongo-sessions:store');

/** The subject behind `MongoSessions.events`. */
export const EVENTS = Symbol('nestjs-mongo-sessions:events');

/** The registration's `MongoSessions`, whatever its public token is. */
export const SESSIONS = Symbol('nestjs-mongo-sessions:sessions');

/** The clock of the options. A test replaces it, and STORE_PARTS, in all registrations at once. */
export const CLOCK = Symbol('nestjs-mongo-sessions:clock');
