import type { SessionStore } from '../../../core/store/session-store.interface.js';
import type { UserSessionStore } from '../../../core/store/user-session-store.interface.js';
import { describeDevices } from './devices.js';
import { describeLists } from './lists.js';
import { describeTakes } from './takes.js';
import type { TestRunner } from '../test-runner.interface.js';

/**
 * The promises of `UserSessionStore`, as tests for a store of your own, which must also keep the
 * contract of `SessionStore`.
 *
 * ```ts
 * import { describe, expect, test } from 'vitest'; // or from '@jest/globals'
 * describeUserSessionStore('RedisStore', new RedisStore(), { describe, test, expect });
 * ```
 */
export function describeUserSessionStore(
  name: string,
  store: SessionStore & UserSessionStore,
  runner: TestRunner,
): void {
  runner.describe(`${name} keeps the contract of UserSessionStore`, () => {
    describeLists(store, runner);
    describeTakes(store, runner);
    describeDevices(store, runner);
  });
}
