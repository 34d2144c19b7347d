import type { SessionUserId } from '../session/user-id.js';

/**
 * What `loadUser` is told of who asks: Nest's `ExecutionContext`, which `lib/nest` adds, because
 * the core knows no framework.
 */
export interface UserContext {}

/** See `SessionOptions.loadUser`. */
export type UserLoader = (userId: SessionUserId, context: UserContext) => unknown;
