// Beside Stryker's own set-up of every test file. What the file would get by a thread of its own, as in `npm test`: modules
// that nobody has loaded before, with the mutant in them from the start.
import { beforeEach, inject, vi } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    mode?: 'dry-run' | 'mutant';
    activeMutant?: string;
  }
}

const stryker = (globalThis as { __stryker__?: { activeMutant?: string | undefined } }).__stryker__;
const isMutant = inject('mode') === 'mutant';
if (stryker && isMutant) stryker.activeMutant = inject('activeMutant');
vi.resetModules();
// Many a mutant never answers.
if (isMutant) vi.setConfig({ testTimeout: 12_000, hookTimeout: 12_000 });

/** They take seconds, and nothing but them depends on such numbers. */
const TOO_SLOW = ['never comes twice among a million, of the same second'];

beforeEach(({ task, skip }) => {
  if (TOO_SLOW.includes(task.name)) skip('takes too long for hundreds of mutants');
});
