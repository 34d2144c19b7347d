// Keys, and stores that encrypt with them.
import { randomBytes } from 'node:crypto';
import { EncryptingSessionStore } from '../../../../../lib/core/encryption/encrypting-session.store.js';
import type { EncryptionOptions } from '../../../../../lib/core/encryption/encryption-options.js';
import { parseKeys } from '../../../../../lib/core/encryption/parse-keys.js';
import { resolveEncryption } from '../../../../../lib/core/encryption/resolve-encryption.js';
import type { Sealing } from '../../../../../lib/core/encryption/sealed-document.js';
import { SessionError } from '../../../../../lib/core/errors.js';
import { createToken } from '../../../../../lib/core/token/session-token.js';
import type { SessionStore } from '../../../../../lib/core/store/session-store.interface.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

export function newKey(): Uint8Array {
  return randomBytes(32);
}

/** Where values are sealed in tests of one document; a place of its own unless `given` says otherwise. */
export function sealing({ keys = [newKey()], ...given }: Partial<Sealing> & { keys?: Uint8Array[] } = {}): Sealing {
  const { handle } = createToken(Date.now());
  return {
    ring: parseKeys(keys, 'encryption.keys'),
    hideKeyNames: false,
    context: 'sessions',
    handle,
    epoch: 0,
    ...given,
  };
}

interface Surroundings {
  readonly context?: string;
  readonly clock?: { now(): number };
  readonly timeoutMs?: number;
  readonly failFast?: boolean;
}

/** What such a store has written to the log, by store. */
const logs = new WeakMap<SessionStore, string[]>();

/** The same sessions, seen by a process with these options. */
export function encrypting(inner: SessionStore, options: EncryptionOptions, given: Surroundings = {}) {
  const lines: string[] = [];
  const store = new EncryptingSessionStore(inner, {
    encryption: resolveEncryption(options)!,
    context: 'sessions',
    clock: new TestClock(),
    timeoutMs: 10_000,
    failFast: false,
    log: { warn: (line: string) => lines.push(line) },
    ...given,
  });
  logs.set(store, lines);
  return store;
}

export function logOf(store: SessionStore): string[] {
  return logs.get(store)!;
}

/** The error that it rejects with or throws; fails when there is none. */
export async function errorOf(action: () => unknown): Promise<SessionError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Everything that a log or an error page could print of it. */
export function printed({ message, stack, cause, code }: SessionError): string {
  return [message, stack, String(cause), code].join('\n');
}

/** Every way in which a key may be spelled, in pieces of this many bytes: none of them may be printed anywhere. */
export function spellings(key: Uint8Array, size = 6): string[] {
  const pieces = Array.from({ length: key.length - size }, (_, at) => Buffer.from(key.subarray(at, at + size)));
  const whole = Buffer.from(key);
  return [
    ...pieces.map((piece) => piece.toString('hex')),
    ...(['base64', 'base64url'] as const).flatMap((encoding) => {
      const text = whole.toString(encoding);
      return Array.from({ length: text.length - 8 }, (_, at) => text.slice(at, at + 8));
    }),
  ];
}
