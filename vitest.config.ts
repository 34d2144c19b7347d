import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/mongo-global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', 'test/support/closing-line.reporter.ts'],
  },
});
