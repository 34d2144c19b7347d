// The long tests, which write what they measure into the folder PROOF_OUT. `npm run test:proof`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../../..`,
    include: ['test/ladder/proof/**/*.proof.ts'],
    globalSetup: ['test/support/mongo-global-setup.ts', 'test/ladder/proof/support/build-app.ts'],
    reporters: ['default', 'test/support/closing-line.reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
