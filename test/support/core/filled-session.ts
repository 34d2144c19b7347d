// A session that is its data only, as it was read from bytes.
import { fillSession } from '../../../lib/core/session/fill-session.js';
import { BaseSession } from '../../../lib/core/session/session.js';
import type { SessionState } from '../../../lib/core/session/session-state.js';
import type { SessionOperations } from '../../../lib/core/session/session-operations.interface.js';
import { LazyValues } from '../../../lib/core/data/lazy-values.js';
import { codec } from './codec.js';
import type { AnySession } from './world.js';

export function filledWith(bytes: Uint8Array): AnySession {
  const session = new BaseSession({} as SessionState, {} as SessionOperations);
  fillSession(session, codec, bytes);
  return session as AnySession;
}

/** Whether nobody has asked for that value. */
export function isUndecoded(session: object, key: string): boolean {
  return LazyValues.of(session)?.elementOf(key) !== undefined;
}
