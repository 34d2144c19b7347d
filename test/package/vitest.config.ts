// Tests of what is published: the packed tarball, installed in the apps of test/package/consumers. `npm run test:package`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['test/package/**/*.packed.ts'],
    globalSetup: ['test/support/mongo-global-setup.ts', 'test/package/support/packed.global-setup.ts'],
    reporters: ['default', 'test/support/closing-line.reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
