import { randomUUID } from 'node:crypto';
import type { ResolvedImporter } from '../options/resolve-moving-in.js';
import type { DocumentSource, OldRequest, OldSession, SealedSource } from '../options/session-importer.interface.js';
import type { MovingStore } from '../store/moving-store.interface.js';
import type { OldDocuments } from '../store/old-documents.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { tombstoneOf } from '../store/tombstone.js';
import type { SessionToken } from '../token/session-token.js';
import { type TokenDerivation, idOfValues } from './derived-token.js';
import { MoveRefusedError, refuseFailure, timeOf } from './moved-session.js';
import { valuesOf } from './old-cookies.js';

/** The session that an old cookie proves, where the other library has it. */
export interface Original {
  /** Its new token. */
  readonly token: SessionToken;
  /**
   * Undefined: there is none, or none any more.
   * @throws `MoveRefusedError` if it can't be decoded
   */
  read(now: number): Promise<OldSession | undefined>;
  /** Resolves when a majority knows that it is gone. */
  remove(now: number): Promise<void>;
}

/** Finds the sessions that a request's old cookies prove, at most four of a source. */
export type FindOriginals = (cookieHeader: string, request: OldRequest) => Promise<Original[]>;

/** Sessions in a collection. */
export function findDocuments(
  { cookies, stored }: ResolvedImporter & { readonly stored: DocumentSource },
  documents: OldDocuments,
  derivation: TokenDerivation,
): FindOriginals {
  const { idField, idOf, decode } = stored;
  return async (cookieHeader) => {
    const proved = valuesOf(cookieHeader, cookies[0]!.name).map((value) => idOrNone(idOf, value));
    const ids = proved.filter((id) => id !== undefined && id !== null);
    return [...new Set(ids)].map((id) => ({
      token: derivation.tokenOf(id),
      async read(now) {
        const document = await documents.find(idField, id);
        if (!document) return undefined;
        const old = await refuseFailure(() => decode(document));
        if (!isSession(old)) throw new MoveRefusedError('undecodable');
        return isOver(old, now) ? undefined : old;
      },
      remove: () => documents.remove(idField, id),
    }));
  };
}

/**
 * Sessions that are in the cookie itself. Nothing can be removed, so a marker says that one was
 * taken over: a tombstone of its own.
 *
 * Data with their signature beside them are the same text in all browsers that have the same data.
 * If these say nobody's name, the browsers may be strangers, who must not share a session: then the
 * token is a random one, and there is no marker.
 */
export function findSealed(
  importer: ResolvedImporter & { readonly stored: SealedSource },
  store: SessionStore & MovingStore,
  derivation: TokenDerivation,
): FindOriginals {
  const { cookies, stored, until } = importer;
  return async (cookieHeader, request) => {
    const columns = cookies.map(({ name }) => valuesOf(cookieHeader, name));
    const found: Original[] = [];
    for (const [index] of columns[0]!.entries()) {
      const values = columns.map((column) => column[index] ?? '');
      const old = await Promise.resolve(values)
        .then((given) => stored.decode(given, request))
        .catch(() => undefined);
      if (!isSession(old)) continue;
      const isOneBrowsers = cookies.length === 1 || hasUser(importer, old);
      const id = idOfValues(isOneBrowsers ? values : [...values, randomUUID()]);
      const marker = derivation.markerOf(id);
      found.push({
        token: derivation.tokenOf(id),
        read: async (now) => (isOver(old, now) || (isOneBrowsers && (await store.find(marker))) ? undefined : old),
        async remove(now) {
          if (!isOneBrowsers) return;
          const end = Math.min(until, timeOf(old.expiresAt) ?? until);
          await store.insertIfFree(tombstoneOf(marker, { now, until: end }));
        },
      });
    }
    return found;
  };
}

/** What the app's function throws for what an attacker has sent is no fault of the app's. */
function idOrNone(idOf: (value: string) => unknown, value: string): unknown {
  try {
    return idOf(value);
  } catch {
    return undefined;
  }
}

function isSession(old: unknown): old is OldSession {
  return typeof old === 'object' && old !== null && 'data' in old;
}

/** What throws is refused when the session is moved. */
function hasUser({ userId }: ResolvedImporter, { data }: OldSession): boolean {
  try {
    return (userId?.(data as Record<string, unknown>) ?? undefined) !== undefined;
  } catch {
    return true;
  }
}

/** @throws `MoveRefusedError` if nobody can tell, so that no mistake of a `decode` revives one */
function isOver({ expiresAt }: OldSession, now: number): boolean {
  if (expiresAt === undefined || expiresAt === null) return false;
  const end = timeOf(expiresAt);
  if (end === undefined) throw new MoveRefusedError('undecodable');
  return now >= end;
}
