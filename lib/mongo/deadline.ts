import { toStoreError, unavailable } from './store-error.js';

/**
 * Runs an operation on the database, and ends it after so many milliseconds: the driver's own `timeoutMS` does not cover
 * the time until it has connected first. Every failure becomes a `SessionError`. What the driver says later is ignored.
 */
export async function withDeadline<T>(action: string, timeoutMs: number, operation: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(unavailable(`MongoDB has not answered within ${timeoutMs} ms (${action})`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([operation(), deadline]);
  } catch (error) {
    throw toStoreError(action, error);
  } finally {
    clearTimeout(timer);
  }
}
