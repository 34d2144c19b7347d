import { DeadlineError, toStoreError } from '../store-error.js';

/**
 * Runs an operation on the database, and ends it after so many milliseconds. The signal makes the driver let go of it in
 * whatever it is busy with (connecting, waiting for a server or a free connection, waiting for the answer); that the driver
 * takes a signal is recent and not in the types of every operation, so its answer is not waited for. Its own `timeoutMS`
 * has no effect any more. Every failure becomes a `SessionError`; what the driver says later is ignored.
 */
export async function withDeadline<T>(
  action: string,
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DeadlineError(action, timeoutMs);
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([operation(controller.signal), deadline]);
  } catch (error) {
    throw toStoreError(action, error);
  } finally {
    clearTimeout(timer);
  }
}
