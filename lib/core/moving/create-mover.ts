import type { LoginProtocol } from '../lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../lifecycle/session-context.js';
import type { ResolvedImporter } from '../options/resolve-moving-in.js';
import type { DocumentSource } from '../options/session-importer.interface.js';
import type { OldDocuments } from '../store/old-documents.interface.js';
import type { MovingStore } from '../store/moving-store.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { requirePort } from '../store/store-ports.js';
import { TokenDerivation } from './derived-token.js';
import { findDocuments, findSealed } from './originals.js';
import { type MovingSource, OldSessionMover } from './session-mover.js';

/** Opens the collection of a source. */
export type OpenDocuments = (collection: DocumentSource['collection']) => OldDocuments;

/**
 * What takes over the sessions of the option `movingIn`. Undefined: there are none to take over.
 * @throws `SESSION_OPTION_INVALID` if the store can't take them
 */
export function createMover(
  context: SessionContext,
  protocol: LoginProtocol,
  openDocuments: OpenDocuments,
  monotonicNow?: () => number,
): OldSessionMover | undefined {
  const { movingIn, name } = context.options;
  if (movingIn.length === 0) return undefined;
  requirePort(context.store, 'MovingStore', 'The option `movingIn`');
  const store = context.store as SessionStore & MovingStore;
  const sources = movingIn.map((importer): MovingSource => {
    warnIfOver(context, importer);
    const { stored, cookies, secrets } = importer;
    if ('collection' in stored) {
      const documents = openDocuments(stored.collection);
      const derivation = new TokenDerivation(secrets[0]!, name, documents.collectionName);
      return { importer, findOriginals: findDocuments({ ...importer, stored }, documents, derivation) };
    }
    const derivation = new TokenDerivation(secrets[0]!, name, cookies[0]!.name);
    return { importer, findOriginals: findSealed({ ...importer, stored }, store, derivation) };
  });
  return new OldSessionMover(context, store, protocol, sources, monotonicNow);
}

function warnIfOver(context: SessionContext, { from, cookies, until }: ResolvedImporter): void {
  if (context.now() < until) return;
  const what = `The source ${from}() of the option \`movingIn\` (cookie "${cookies[0]!.name}") is over`;
  context.hooks.log.warn(`${what}: its \`until\` has passed, and it is not looked at any more. Remove it.`);
}
