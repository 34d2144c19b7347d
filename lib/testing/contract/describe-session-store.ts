import type { SessionStore } from '../../core/store/session-store.interface.js';
import { describeBounds } from './bounds.js';
import { describeManyAtOnce } from './many-at-once.js';
import { describeReadsAndUpdates } from './reads-and-updates.js';
import { describeTokenRenewal } from './token-renewal.js';
import { describeSecretsAndEnds } from './secrets-and-ends.js';
import { describeTargets } from './targets.js';
import type { TestRunner } from './test-runner.interface.js';
import { describeValues } from './values.js';

/**
 * Everything that the comments of `SessionStore` promise, as tests for a store of your own.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeSessionStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeSessionStore(name: string, store: SessionStore, runner: TestRunner): void {
  runner.describe(`${name} keeps the contract of SessionStore`, () => {
    describeReadsAndUpdates(store, runner);
    describeSecretsAndEnds(store, runner);
    describeTokenRenewal(store, runner);
    describeValues(store, runner);
    describeTargets(store, runner);
    describeBounds(store, runner);
    describeManyAtOnce(store, runner);
  });
}
