import { describe } from 'vitest';
import type { SessionStore } from '../../lib/core/store/session-store.interface.js';
import { describeReadsAndUpdates } from './contract/reads-and-updates.js';
import { describeRotation } from './contract/rotation.js';
import { describeSecretsAndEnds } from './contract/secrets-and-ends.js';
import { describeValues } from './contract/values.js';

/** Everything that the comments of the port promise, for every store. */
export function describeSessionStore(name: string, store: SessionStore): void {
  describe(`${name} keeps the contract of SessionStore`, () => {
    describeReadsAndUpdates(store);
    describeSecretsAndEnds(store);
    describeRotation(store);
    describeValues(store);
  });
}
