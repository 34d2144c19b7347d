import { optionError } from '../core/option-checks.js';
import type { SessionOptions } from '../core/options/session-options.js';

/** A `Collection` of the native driver, of whichever copy or version, as far as `forRoot` has to know it from options. */
export interface DriverCollection {
  readonly collectionName: string;
  readonly dbName: string;
  findOne(...args: never[]): unknown;
}

/** What `forRoot` and the factories of `forRootAsync` take: the name of a collection, a collection of the driver, or options. */
export function toOptions(input: unknown): SessionOptions {
  if (typeof input === 'string' || isCollection(input)) return { collection: input };
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw optionError('collection', input, "Call forRoot('sessions'), or give an object with options.");
}

/** A collection of the driver, of whichever copy or version. */
function isCollection(input: unknown): boolean {
  const candidate = input as { collectionName?: unknown; dbName?: unknown; findOne?: unknown } | null;
  return typeof candidate?.collectionName === 'string' && typeof candidate.findOne === 'function';
}
