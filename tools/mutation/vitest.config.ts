// The tests that mutants have to get past: those of lib/core and lib/mongo themselves, without the web. No leak scan: it
// fails a file, not a test, and Stryker counts tests.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From quick to slow; what is not named comes before all these. */
const SLOW = ['/store/', 'cookie-cost', 'encrypting-store', 'mongo-failures', 'mongo-recovery'];

/** Most mutants die in a quick test; only who gets past all of these has to wait for those that wait by nature. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slowness = ({ moduleId }: TestSpecification) => SLOW.findLastIndex((part) => moduleId.includes(part));
    return files.toSorted((a, b) => slowness(a) - slowness(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    exclude: [
      // Every value on its own way to a server and back, at 0.2 s each: the same values go through the codec in quicker tests.
      'test/unit/core/data/server-round-trip.test.ts',
      // It compares times with those of the BSON library, which isn't instrumented.
      'test/unit/core/session/fill-session.test.ts',
    ],
    globalSetup: ['test/support/mongo-global-setup.ts'],
    setupFiles: ['tools/mutation/each-file.setup.ts'],
    // One thread starts for each mutant instead of one for each file.
    isolate: false,
    pool: 'threads',
    maxWorkers: 1,
    sequence: { sequencer: QuickFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
