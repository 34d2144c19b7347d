// Random requests of several browsers, also at the same time, against a model that fits on a page.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, type SessionChange, type SessionStore, type WriteTarget } from '../../../lib/index.js';
import { testDatabase } from '../../support/http.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { isProof } from '../../support/proof-out.js';
import { commands, World } from './support/commands.js';
import { Model } from './support/model.js';

const BROWSERS = 3;
const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });

const STORES: readonly [name: string, numRuns: number, store: () => SessionStore][] = [
  ['memory', isProof ? 20_000 : 1000, () => new MemorySessionStore()],
  ['MongoDB', isProof ? 1000 : 30, () => mongoStore({ db, collection: 'sessions' }).store],
];

/** The same runs each time; `FC_SEED` for others, such as the one that an error names. */
const seed = Number(process.env['FC_SEED'] ?? 20300101);

function property(store: () => SessionStore) {
  const all = fc.commands(commands(BROWSERS), { maxCommands: 60, size: 'max' });
  return fc.asyncProperty(all, (run) =>
    fc.asyncModelRun(() => ({ model: new Model(BROWSERS), real: new World(store(), BROWSERS) }), run),
  );
}

describe('sessions of several browsers do as the model says', () => {
  test.each(STORES)('on %s', { timeout: 600_000 }, async (_, numRuns, store) => {
    // The error names the seed, and the shortest run that fails.
    await fc.assert(property(store), { numRuns, seed });
  });

  test('and when they do not, the fewest steps that show it are told', async () => {
    const { failed, counterexample } = await fc.check(
      property(() => new WithoutEpochs()),
      { numRuns: 1000, seed },
    );
    expect(failed).toBe(true);
    const told = (counterexample![0] as Iterable<unknown> & { toString: () => string }).toString();
    expect(told.split(',').length).toBeLessThan(8);
    expect(told).toMatch(/browser \d sends request \d.*(regenerates|logs in).*request \d /);
  });
});

/** A seeded fault: what began before a login writes after it. */
class WithoutEpochs extends MemorySessionStore {
  override async update(target: WriteTarget, change: SessionChange): Promise<boolean> {
    const epoch = (await this.find(target.handle))?.epoch ?? target.epoch;
    return super.update({ ...target, epoch }, change);
  }
}
