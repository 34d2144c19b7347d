import { encodeData } from '../data/session-encoding.js';
import { isEmptyDocument } from '../data/bson-elements.js';
import { SessionError } from '../errors.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import type { NotMovedInReason } from '../lifecycle/session-events.js';
import type { ResolvedImporter } from '../options/resolve-moving-in.js';
import type { OldSession } from '../options/session-importer.interface.js';
import { expiryOf } from '../session/expiry.js';
import { LEGACY_PREFIX } from '../session/reserved-names.js';
import { RESERVED_NAMES } from '../session/session.js';
import { checkUserId } from '../session/user-id.js';
import type { StoredSession } from '../store/session-store.interface.js';
import type { SessionToken } from '../token/session-token.js';

/** An old session can't be taken over as it is. */
export class MoveRefusedError extends Error {
  constructor(readonly reason: NotMovedInReason) {
    super(reason);
  }
}

/** An old session as it is stored here. */
export interface MovedSession {
  readonly session: StoredSession;
  /** The keys that got another name. */
  readonly renamed: readonly string[];
}

/**
 * Turns an old session into one of ours. Undefined: it is not wanted, or holds nothing. Both clocks
 * start now, or the maximum lifetime would log people out.
 * @throws `MoveRefusedError`
 */
export async function toMovedSession(
  { options, codec, hasher, now }: Movable,
  token: SessionToken,
  old: OldSession,
  importer: ResolvedImporter,
): Promise<MovedSession | undefined> {
  const user = userOf(importer, old);
  const kept = await refuseFailure(async () => (importer.data ? importer.data(recordOf(old.data)) : old.data));
  if (kept === undefined) return undefined;
  const { record, renamed } = renameReserved(recordOf(kept));
  const data = encode(() => encodeData(codec, record, options));
  if (isEmptyDocument(data) && user === undefined) return undefined;
  const { maxAge, createdAt } = old;
  const permanent = permanentOf(maxAge, options.permanent);
  const session = {
    handle: token.handle,
    secretHash: hasher.hash(token.secret),
    epoch: 0,
    data,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: expiryOf(options, { createdAt: now, lastSeenAt: now, permanent }),
    movedAt: now,
    ...(permanent !== undefined && { permanent }),
    // Long ago where it is not known, so that `@FreshSession` asks again.
    ...(user !== undefined && { userId: user, authenticatedAt: Math.min(timeOf(createdAt) ?? 0, now) }),
  };
  return { session, renamed };
}

type Movable = Pick<SessionContext, 'options' | 'codec' | 'hasher'> & { readonly now: number };

/** Runs what the app has given, or what depends on it. */
export async function refuseFailure<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof MoveRefusedError ? error : new MoveRefusedError('undecodable');
  }
}

function userOf({ userId }: ResolvedImporter, { data }: OldSession): unknown {
  try {
    const user = userId?.(recordOf(data));
    return user === undefined || user === null ? undefined : checkUserId(user, 'userId()');
  } catch {
    throw new MoveRefusedError('undecodable');
  }
}

function recordOf(data: unknown): Record<string, unknown> {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
  throw new MoveRefusedError('undecodable');
}

/** Names of the session's members are free for data in other libraries. */
function renameReserved(data: Record<string, unknown>) {
  const record = Object.create(null) as Record<string, unknown>;
  const renamed: string[] = [];
  const isTaken = (name: string) =>
    RESERVED_NAMES.has(name) || (name.startsWith(LEGACY_PREFIX) && Object.hasOwn(data, name));
  for (const key of Object.keys(data)) {
    let name = key;
    if (RESERVED_NAMES.has(key)) {
      renamed.push(key);
      while (isTaken(name)) name = LEGACY_PREFIX + name;
    }
    record[name] = data[key];
  }
  return { record, renamed };
}

const TOO_LARGE: readonly unknown[] = ['SESSION_TOO_LARGE', 'SESSION_TOO_MANY_KEYS', 'SESSION_TOO_DEEP'];

function encode(run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    const isTooLarge = error instanceof SessionError && TOO_LARGE.includes(error.code);
    throw new MoveRefusedError(isTooLarge ? 'too-large' : 'undecodable');
  }
}

function permanentOf(maxAge: unknown, { idleTimeout, initial }: SessionContext['options']['permanent']) {
  if (maxAge === undefined) return initial;
  const isAge = typeof maxAge === 'number' && Number.isFinite(maxAge) && maxAge > 0;
  return isAge ? Math.min(Math.max(1, Math.round(maxAge)), idleTimeout) : undefined;
}

/** In milliseconds since 1970; undefined if it is no valid date. */
export function timeOf(date: unknown): number | undefined {
  const time = date instanceof Date ? date.getTime() : NaN;
  return Number.isNaN(time) ? undefined : time;
}
