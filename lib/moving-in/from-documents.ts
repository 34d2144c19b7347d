import { optionError, textAt } from '../core/option-checks.js';
import type { DriverCollection } from '../core/options/driver-types.js';
import type { OldSession, SessionImporter } from '../core/options/session-importer.interface.js';
import { type CookieOption, type ImporterOptions, commonOptions, functionAt } from './importer-options.js';

/** What `fromDocuments()` needs to know of the old app. */
export interface DocumentsOptions extends ImporterOptions {
  /** A name in the database of the module, or a collection of the driver. */
  readonly collection: string | DriverCollection;
  /** The cookie that carries the id. */
  readonly cookie: CookieOption;
  /** Where a document has the id that `idOf` gives. @default '_id' */
  readonly idField?: string;
  /**
   * The id in a cookie's value, which is decoded. Check its signature here, if it has one.
   * Undefined: it proves none.
   */
  readonly idOf: (value: string) => unknown;
  /** What a document holds. Undefined: it can't be decoded. */
  readonly decode: (document: Record<string, any>) => OldSession | undefined | Promise<OldSession | undefined>; // oxlint-disable-line typescript/no-explicit-any
}

/**
 * Sessions in a collection of any form. For the option `movingIn`. `secrets`: a text of 32
 * characters that nobody can guess, because a cookie of your old library may need none.
 *
 * @throws `SESSION_OPTION_INVALID`
 */
export function fromDocuments(options: DocumentsOptions): SessionImporter {
  const common = commonOptions('fromDocuments', options, ['collection', 'idField', 'idOf', 'decode']);
  const { collection, idField = '_id', idOf, decode } = options;
  textAt('fromDocuments.idField', idField, (text) => /^[^$\0]+$/.test(text), "Give a field's name, such as '_id'.");
  functionAt('fromDocuments.idOf', idOf, true);
  functionAt('fromDocuments.decode', decode, true);
  const stored = { collection: collectionAt('fromDocuments', collection), idField, idOf, decode };
  return Object.freeze({ ...common, format: 'documents', stored } satisfies SessionImporter);
}

export function collectionAt(from: string, given: unknown): string | DriverCollection {
  if (typeof given === 'string' && /^(?!\.|system\.|.*:\/\/)[^$\0]{1,200}$/s.test(given)) return given;
  const { collectionName, findOne } = (given ?? {}) as Partial<DriverCollection>;
  if (typeof given === 'object' && typeof collectionName === 'string' && typeof findOne === 'function')
    return given as DriverCollection;
  throw optionError(
    `${from}.collection`,
    given,
    "Give a collection's name, such as 'sessions', or a collection of the driver.",
  );
}
