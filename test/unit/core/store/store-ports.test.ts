import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import type { SessionStore } from '../../../../lib/core/store/session-store.interface.js';
import {
  isCountableStore,
  isMovingStore,
  isSeatStore,
  isSweepableStore,
  isUserSessionStore,
  isWatchableStore,
  PORT_METHODS,
  requirePort,
  type StorePorts,
} from '../../../../lib/core/store/store-ports.js';

const GUARDS = {
  UserSessionStore: isUserSessionStore,
  SeatStore: isSeatStore,
  SweepableStore: isSweepableStore,
  WatchableStore: isWatchableStore,
  MovingStore: isMovingStore,
  CountableStore: isCountableStore,
} as const;

/** Whatever its class: a port is known by its methods. */
const storeWith = (methods: readonly string[]) =>
  Object.fromEntries(methods.map((name) => [name, () => {}])) as unknown as SessionStore;

describe.each(Object.keys(GUARDS) as (keyof StorePorts)[])('%s', (port) => {
  const methods: readonly string[] = PORT_METHODS[port];

  test('is known by its methods, none of which may be missing', () => {
    expect(GUARDS[port](new MemorySessionStore())).toBe(true);
    expect(GUARDS[port](storeWith(methods))).toBe(true);
    for (const missing of methods)
      expect(GUARDS[port](storeWith(methods.filter((name) => name !== missing)))).toBe(false);
    expect(GUARDS[port]({ ...storeWith(methods), [methods[0]!]: true })).toBe(false);
  });

  test('is required by an error that names what needs it and each missing method', () => {
    const store = new MemorySessionStore();
    expect(requirePort(store, port, 'The option `maxSessions`')).toBe(store);
    const [first, ...others] = methods;
    const list = others.map((name) => `${name}()`).join(', ');
    const lacking = others.length > 0 ? storeWith([first!]) : storeWith([]);
    expect(() => requirePort(lacking, port, 'The option `maxSessions`')).toThrow(
      expect.objectContaining({
        code: 'SESSION_OPTION_INVALID',
        message:
          `The option \`maxSessions\` needs a store that is a ${port}, but the one of the option \`store\` lacks ` +
          `${list || `${first}()`}. Add these methods to it, or keep sessions in MongoDB with the option \`collection\`.`,
      }),
    );
  });
});
