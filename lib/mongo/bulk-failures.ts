import { toStoreError } from './store-error.js';

/** As much of the driver's `MongoBulkWriteError` as matters here. */
interface BulkError {
  readonly writeErrors?: readonly { readonly index: number; readonly code?: number; readonly errmsg?: string }[];
  readonly result?: { readonly matchedCount: number; getWriteConcernError?(): unknown };
  /** What it was made from: for a failure of the whole command, that error. */
  readonly errorResponse?: unknown;
}

/** What an unordered `bulkWrite` has done of its operations when some of them have failed. */
export interface PartialResult {
  readonly matchedCount: number;
  /** The failed ones, by their place. */
  readonly failures: ReadonlyMap<number, Error>;
}

/** Throws what the driver has met if that has befallen all of the operations. */
export function partialResult(action: string, error: unknown): PartialResult {
  const { writeErrors = [], result, errorResponse } = error as BulkError;
  if (writeErrors.length === 0 || !result || result.getWriteConcernError?.()) {
    throw errorResponse instanceof Error ? errorResponse : error;
  }
  const failures = new Map<number, Error>();
  for (const { index, code, errmsg } of writeErrors) {
    const cause = Object.assign(new Error(errmsg), { name: 'MongoServerError', code });
    failures.set(index, toStoreError(action, cause));
  }
  return { matchedCount: result.matchedCount, failures };
}
