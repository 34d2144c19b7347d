import type { SessionError } from '../../lib/index.js';

/** The error that this fails with, synchronously or not; fails itself if there is none. */
export async function errorOf(action: () => unknown): Promise<SessionError> {
  try {
    await action();
  } catch (error) {
    return error as SessionError;
  }
  throw new Error('nothing has failed');
}
