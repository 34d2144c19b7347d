// The long tests, `npm run test:proof`: every interleaving, every fault, crashes, failovers, and a soak of PROOF_SOAK_SECONDS
// (600). Writes the tables and pictures of docs/94-proof.md from what they have measured, with a PROOF_NOTE if there is something
// to add, and closes with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePage } from './page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = process.env.PROOF_OUT ?? fileURLToPath(new URL('../../.cache/proof/out', import.meta.url));
const soakSeconds = Number(process.env.PROOF_SOAK_SECONDS ?? 600);

const PROOFS = ['--config', 'test/ladder/proof/vitest.config.ts'];

/** One after the other, because the last one measures time. Together they take half an hour; the deadlines suit a busy machine. */
const PHASES = [
  { name: 'faults', minutes: 5, args: ['test/ladder/faults'] },
  { name: 'races and models', minutes: 15, args: ['test/ladder/races', 'test/ladder/models'] },
  { name: 'sessions of a user', minutes: 20, args: ['test/ladder/users'] },
  { name: 'sessions of other libraries', minutes: 15, args: ['test/ladder/moving'] },
  {
    name: 'lists and ends of sessions',
    minutes: 20,
    args: [...PROOFS, '--no-file-parallelism', 'user-lists', 'session-ends', 'sockets'],
  },
  {
    name: 'crashes, failovers and soak',
    minutes: Math.max(15, soakSeconds / 60 + 1),
    args: [...PROOFS, 'crash', 'failover', 'soak'],
  },
];

/** What vitest's closing line says; a phase without one has failed. */
async function run({ name, minutes, args }) {
  console.log(`\n=== ${name}`);
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
    cwd: root,
    env: { ...process.env, PROOF: '1', PROOF_OUT: out, PROOF_SOAK_SECONDS: `${soakSeconds}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  const timer = setTimeout(() => {
    console.log(`${name}: ended, for it took longer than ${minutes} minutes`);
    child.kill();
  }, minutes * 60_000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  const [, passed = 0, failed = 1] = [...text.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1) ?? [];
  return { name, passed: Number(passed), failed: Number(failed) || (status === 0 ? 0 : 1) };
}

const begin = Date.now();
rmSync(out, { recursive: true, force: true });
const results = [];
for (const phase of PHASES) results.push(await run(phase));
const minutes = (Date.now() - begin) / 60_000;
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'run.json'), JSON.stringify({ results, minutes, note: process.env.PROOF_NOTE }));
if (failed === 0) writePage({ out, root });
else console.log('docs/94-proof.md stays as it is, for something has failed');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
