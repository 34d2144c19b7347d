import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Test files that need a process of their own, each with its reason. All others share processes: to load everything again for
 * each file would take half as long as all tests.
 */
const OWN_PROCESS = [
  // They replace modules for everything that is loaded later.
  'test/http/mounting/true-causes.test.ts',
  'test/unit/core/token/session-secret.test.ts',
  // They count what the process has: its open sockets, its timers, its memory.
  'test/http/hostile/costs.test.ts',
  'test/http/hostile/million-cookies.test.ts',
  'test/http/module/closing.test.ts',
  'test/http/mounting/request-session.test.ts',
  'test/http/sockets/leaks.test.ts',
  'test/unit/core/lifecycle/keyed-queue.test.ts',
  'test/unit/mongo/command-deadlines.test.ts',
  'test/unit/testing/test-clock.test.ts',
  // It compares times, which depend on what V8 has seen before.
  'test/unit/core/session/fill-session.test.ts',
];

for (const file of OWN_PROCESS)
  if (!existsSync(join(import.meta.dirname, file))) throw new Error(`vitest.config.ts: there is no ${file}`);

const common = {
  setupFiles: ['test/support/tidy-process.setup.ts', 'test/support/leak-scan/leak-scan.setup.ts'],
  pool: 'forks' as const,
  // What hangs, hangs for longer; a busy machine may take three times as long as an idle one.
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Of the run, and not of each project: there is one MongoDB for both.
    globalSetup: ['test/support/mongo-global-setup.ts'],
    // On two cores: many tests wait for a server or a browser.
    maxWorkers: 3,
    reporters: ['default', 'test/support/closing-line.reporter.ts'],
    projects: [
      { test: { ...common, name: 'alone', include: OWN_PROCESS } },
      {
        test: {
          ...common,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...OWN_PROCESS],
          isolate: false,
        },
      },
    ],
  },
});
