// The harness finds mistakes in the protocol of logins: each is put into the library, and an invariant catches it.
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { writeProof } from '../../support/proof-out.js';
import { USER_FAULTS } from './support/faults.js';
import { runUserRaces } from './support/matrix.js';
import { VIOLATIONS } from './support/user-race.js';

const measured: object[] = [];
afterAll(() => writeProof('user-faults', { measured }));

describe('a seeded fault of logins and revocations', () => {
  test.each(USER_FAULTS)('$name: is caught', async ({ name, race, setting, crash, samples, caughtBy, ...seed }) => {
    const plan = {
      ...{ store: () => new MemorySessionStore(), settings: [setting], races: [race] },
      ...(crash && { crash }),
      ...(samples !== undefined && { samples }),
    };
    const right = await runUserRaces(plan);
    expect([...right.failures.keys()]).toEqual([]);
    const wrong = await runUserRaces({ ...plan, seed });
    const caught = [...wrong.failures.values()];
    expect(caught.map(({ violation }) => violation)).toContain(caughtBy);
    const failed = Math.max(...caught.map(({ count }) => count));
    measured.push({ name, race, caughtBy: VIOLATIONS[caughtBy], interleavings: wrong.tried, failed });
    console.log(`${name}: caught in ${failed} of ${wrong.tried} interleavings`);
  });
});
