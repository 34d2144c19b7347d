// Every order in which messages of a socket can meet requests and each other, and what must hold after each.
import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { decode } from '../../support/core/codec.js';
import { isProof } from '../../support/proof-out.js';
import { FAULTS } from './support/faults.js';
import { OPERATION_NAMES, type OperationName } from './support/operations.js';
import { withMessages } from './support/by-message.js';
import type { RaceTrack } from './support/race.js';
import { caughtBy, runRaces } from './support/tally.js';
import { ONE_ORDER_EACH, TEN_MINUTES, racesOf } from './support/try-all.js';

const store = new MemorySessionStore();
const document: RaceTrack['document'] = async (handle) => {
  const stored = await store.find(handle);
  return stored && { data: decode(stored.data), user: stored.userId as string | undefined };
};
const tryAll = racesOf('messages');
const rules = ONE_ORDER_EACH.slice(0, 1);

/** What needs no cookie; of the others, those whose steps differ most. */
const BY_MESSAGE = isProof
  ? OPERATION_NAMES.filter((name) => !/login|regenerate/.test(name))
  : (['set a', 'increment', 'empty', 'logout'] as const);
const BY_REQUEST = isProof ? OPERATION_NAMES : (['set a', 'set b', 'login keep', 'regenerate keep', 'logout'] as const);
const withRequests = BY_MESSAGE.flatMap((message) => BY_REQUEST.map((request) => [message, request]));
const twoMessages = BY_MESSAGE.flatMap((one, index) => BY_MESSAGE.slice(index).map((other) => [one, other]));

describe('a message', { timeout: TEN_MINUTES }, () => {
  test.each([
    ['and a request', withRequests, { isMessage: (index: number) => index === 0 }],
    // Of those that do the same, the first one begins: here it is the request.
    [
      'after a request of the same kind',
      BY_MESSAGE.map((name) => [name, name]),
      { isMessage: (index: number) => index === 1 },
    ],
    ['and another message on the same socket', twoMessages, { isMessage: () => true, isOneSocket: true }],
    ['and another message in another process', twoMessages, { isMessage: () => true }],
  ] as const)('%s', (name, races, options) =>
    tryAll(`messages ${name}`, 'in memory', withMessages(store, document, options), { races, rules }),
  );

  test('that writes without the epoch is caught', async () => {
    const { seed } = FAULTS.find(({ name }) => name === 'no epoch check')!;
    const { around } = seed(undefined as never);
    const races: OperationName[][] = [['set b', 'login']];
    const options = { isMessage: (index: number) => index === 0 };
    const right = await runRaces(withMessages(store, document, options), { races, rules });
    expect([...right.failures.values()]).toEqual([]);
    const wrong = await runRaces(withMessages(store, document, { ...options, around: around! }), { races, rules });
    expect(caughtBy(wrong)).toContain('login');
  });
});
