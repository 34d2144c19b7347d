// Mistakes that are put into the protocol on purpose: the races find each of them.
import { afterAll, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import type { OldDocuments } from '../../../lib/core/store/old-documents.interface.js';
import { writeProof } from '../../support/proof-out.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { explore } from '../races/support/explore.js';
import { currentRacer } from '../races/support/racer.js';
import { type ActorName, MoveRace } from './support/move-race.js';
import { type Seed, VIOLATIONS, type Violation } from './support/race-setting.js';

interface Fault extends Seed {
  readonly race: readonly ActorName[];
  readonly caughtBy: Violation;
}

/* oxlint-disable typescript/no-explicit-any */
/** The store with one of its methods replaced. */
const withMethod =
  (name: string, replacement: (store: any, ...args: any[]) => unknown): NonNullable<Seed['store']> =>
  (store) =>
    new Proxy(store, {
      get: (of, key) =>
        key === name ? (...args: unknown[]) => replacement(of, ...args) : (Reflect.get(of, key, of) as unknown),
    });

/* oxlint-enable typescript/no-explicit-any */

const FAULTS: Record<string, Fault> = {
  'opened before the original is removed': {
    race: ['move', 'move'],
    caughtBy: 'beside',
    documents: (documents): OldDocuments => ({
      collectionName: documents.collectionName,
      find: (...given) => documents.find(...given),
      remove: async (...given) => void documents.remove(...given),
    }),
  },
  'no tombstone': { race: ['move', 'logout'], caughtBy: 'revived', isUnburied: true },
  'a tombstone for logout only': {
    race: ['move', 'empty'],
    caughtBy: 'revived',
    store: withMethod('bury', async (store, handle, burial: { ifEmpty?: boolean }) =>
      burial.ifEmpty ? undefined : store.bury(handle, burial),
    ),
  },
  'take removes what was moved recently': {
    race: ['move', 'logout'],
    caughtBy: 'revived',
    store: withMethod('take', async (store, handle) => store.take(handle, {})),
  },
  'a tombstone that goes with the session': {
    race: ['move', 'logout'],
    caughtBy: 'revived',
    store: withMethod('bury', async (store, handle, burial: { until: number }) => {
      const taken: unknown = await store.bury(handle, burial);
      await store.take(handle, { expiresAt: burial.until });
      return taken;
    }),
  },
  'no second look at the new session': {
    race: ['move', 'move'],
    caughtBy: 'loggedOut',
    store(store) {
      const hasLooked = new WeakSet<object>();
      return withMethod('find', async (of, handle) => {
        const racer = currentRacer()!;
        if (hasLooked.has(racer)) return undefined;
        hasLooked.add(racer);
        return of.find(handle);
      })(store);
    },
  },
  'a handle of its own for each mover': {
    race: ['move', 'move'],
    caughtBy: 'doubled',
    store: withMethod('insertIfFree', async (store, session: { handle: string }) => {
      const index = String(currentRacer()!.index).padStart(24, '0');
      return store.insertIfFree({ ...session, handle: index });
    }),
  },
};

const measured: object[] = [];
afterAll(() => writeProof('move-faults', { measured }));

test.each(Object.entries(FAULTS))('%s is found', async (name, { race, caughtBy, ...seed }) => {
  const found = new Set<Violation>();
  const run = () =>
    explore(
      async (choose) => {
        const { violations } = await new MoveRace(new MemorySessionStore(), race, { seed }).run(choose);
        for (const violation of violations) found.add(violation);
      },
      () => found.has(caughtBy),
    );
  const tried = await (leakScan()?.whileInventing(run) ?? run());
  measured.push({ name, race, tried, caughtBy: VIOLATIONS[caughtBy] });
  expect([...found]).toContain(caughtBy);
});
