// Part of every test file: fails the file when a secret is found where it doesn't belong. It says which sort of secret and
// where, never the secret.
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest';
import { startLeakScan } from './leak-scan.js';
import { sawUnfinishedBodies, watchedErrors, watchedRegistrations } from './watch-process.js';

const scan = startLeakScan(expect.getState().testPath ?? '');

// A mock holds for one test file, so it is declared for each.
vi.mock(import('../../../lib/core/errors.js'), (importOriginal) => watchedErrors(importOriginal));
vi.mock(import('../../../lib/core/request/registration.js'), (importOriginal) => watchedRegistrations(importOriginal));

afterAll(() => {
  sawUnfinishedBodies();
  const findings = scan.findings();
  if (findings.length > 0) throw new Error(`The leak scan has found:\n${findings.join('\n')}`);
});

beforeEach(() => scan.entered(expect.getState().currentTestName ?? ''));

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') scan.passed(expect.getState().currentTestName ?? task.name);
});
