import { optionError, refuseInherited } from '../core/option-checks.js';
import type { DriverCollection } from '../core/options/driver-types.js';
import type { SessionOptions } from '../core/options/session-options.js';

/**
 * What `forRoot` and the factories of `forRootAsync` take: the name of a collection, a collection
 * of the driver, or options.
 */
export function toOptions(input: unknown): SessionOptions {
  if (typeof input === 'string' || isCollection(input)) return { collection: input };
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    refuseInherited('', input);
    return input;
  }
  throw optionError('collection', input, "Call forRoot('sessions'), or give an object with options.");
}

/** A collection of the driver, of whichever copy or version. */
function isCollection(input: unknown): input is DriverCollection {
  const candidate = input as { collectionName?: unknown; dbName?: unknown; findOne?: unknown } | null;
  return typeof candidate?.collectionName === 'string' && typeof candidate.findOne === 'function';
}
