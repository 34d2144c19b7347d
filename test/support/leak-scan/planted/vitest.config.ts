// Not part of the suite: `leak-scan.test.ts` runs it, and expects it to fail.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/support/leak-scan/planted/*.run.ts'],
    globalSetup: ['test/support/mongo-global-setup.ts'],
    setupFiles: ['test/support/leak-scan/leak-scan.setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
