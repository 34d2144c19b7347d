import { DeadlineError, toStoreError } from '../store-error.js';

/**
 * Runs an operation with a deadline. The signal makes the driver give up whatever it waits for: a
 * server, a free connection or a response. Not all operations of the driver promise to take a
 * signal, so their end is not waited for. The driver's own `timeoutMS` has no effect here. Every
 * failure becomes a `SessionError`; later results are ignored.
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
