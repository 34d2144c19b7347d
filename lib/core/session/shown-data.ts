import { setOwn } from '../data/plain-property.js';
import { SessionError } from '../errors.js';
import { quoteKey } from '../quote-key.js';
import { fillSession } from './fill-session.js';
import { fillUnlocked } from './readonly-session.js';
import type { BaseSession } from './session.js';
import type { BsonCodec } from '../data/session-codec.interface.js';
import type { SessionState } from './session-state.js';

/**
 * Shows what was read. Data that a member's name hides is reported, and left alone in the store.
 */
export function showData(
  session: BaseSession,
  state: SessionState,
  codec: BsonCodec,
  warn: (message: string) => void,
): void {
  const hidden = fillUnlocked(session, () => fillSession(session, codec, state.snapshot));
  if (hidden.length > 0) state.hide(hidden);
  for (const key of hidden) {
    const what = `A stored session has data under the reserved key "${key}", which stays in its document but is not shown`;
    warn(`${what}. Rename it in the database, or remove it with { $unset: { "data.${key}": "" } }.`);
  }
}

/** What was set after `destroy` or `logout` belongs to no session. */
export function refuseLateData(session: object): void {
  const [key] = Object.entries(session).find(([, value]) => value !== undefined) ?? [];
  if (key === undefined) return;
  const fix = 'Set it in another session, after await session.regenerate() or login().';
  throw new SessionError('SESSION_ENDED', `session[${quoteKey(key)}] was set after the session had ended. ${fix}`);
}

/** An operation on one key, after `destroy` or `logout`. */
export function refuseLateOperation(key: string): never {
  const fix = 'Begin another session before, by await session.regenerate() or login().';
  throw new SessionError(
    'SESSION_ENDED',
    `session[${quoteKey(key)}] can't be changed, because this request has ended the session. ${fix}`,
  );
}

/** Undefined removes the key. */
export function assignKey(session: object, key: string, value: unknown): void {
  if (value === undefined) delete (session as Record<string, unknown>)[key];
  else (session as Record<string, unknown>)[key] = value;
}

export function clearData(session: object, keep: readonly string[] = []): void {
  const kept = new Set(keep);
  for (const key of Object.keys(session)) if (!kept.has(key)) delete (session as Record<string, unknown>)[key];
}

/** All of a session's data, or that of these keys. */
export function dataOf(session: object, keys: true | readonly string[]): object {
  if (keys === true) return session;
  const data: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(session, key)) setOwn(data, key, (session as typeof data)[key]);
  return data;
}
