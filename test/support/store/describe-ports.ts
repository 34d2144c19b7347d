// The contracts of all ports, for a store that has them.
import { describe, expect, test } from 'vitest';
import type { CountableStore } from '../../../lib/core/store/countable-store.interface.js';
import type { MovingStore } from '../../../lib/core/store/moving-store.interface.js';
import type { SeatStore } from '../../../lib/core/store/seat-store.interface.js';
import type { SessionStore } from '../../../lib/core/store/session-store.interface.js';
import type { SweepableStore } from '../../../lib/core/store/sweepable-store.interface.js';
import type { UserSessionStore } from '../../../lib/core/store/user-session-store.interface.js';
import type { WatchableStore } from '../../../lib/core/store/watchable-store.interface.js';
import {
  describeCountableStore,
  describeMovingStore,
  describeSeatStore,
  describeSweepableStore,
  describeUserSessionStore,
  describeWatchableStore,
} from '../../../lib/testing/index.js';

export type PortStore = SessionStore &
  UserSessionStore &
  SeatStore &
  SweepableStore &
  WatchableStore &
  MovingStore &
  CountableStore;

export function describePorts(name: string, given: SessionStore): void {
  const store = given as PortStore;
  const runner = { describe, test, expect };
  describeUserSessionStore(name, store, runner);
  describeSeatStore(name, store, runner);
  describeSweepableStore(name, store, runner);
  describeWatchableStore(name, store, runner);
  describeMovingStore(name, store, runner);
  describeCountableStore(name, store, runner);
}
