import { expect } from 'vitest';
import { SessionError, type SessionErrorCode } from '../../../lib/core/errors.js';

/** What an attempt was refused with, which it has to be, by that code. */
export function refusalOf(code: SessionErrorCode, attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError);
    expect((error as SessionError).code).toBe(code);
    return (error as SessionError).message;
  }
  throw new Error('it was not refused');
}
