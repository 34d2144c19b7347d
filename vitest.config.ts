import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/mongo-global-setup.ts'],
    setupFiles: ['test/support/leak-scan/leak-scan.setup.ts'],
    pool: 'forks',
    // On two cores: many tests wait for a server or a browser.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', 'test/support/closing-line.reporter.ts'],
  },
});
