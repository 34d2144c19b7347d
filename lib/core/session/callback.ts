/** Node's kind of callback, for libraries older than promises (passport, connect-flash). */
export type Callback = (error?: unknown) => void;

/** The promise, or where a callback was given, the callback once the promise has settled. */
export function settle(promise: Promise<void>, callback: Callback | undefined): Promise<void> | void {
  if (typeof callback !== 'function') return promise;
  // Out of the promise's reach: what the callback throws is the callback's own, as with every
  // callback of Node.
  promise.then(
    () => process.nextTick(callback),
    (error: unknown) => process.nextTick(callback, error),
  );
}
