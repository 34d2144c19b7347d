// Mutation testing of lib/core and lib/mongo: `npm run test:mutation`, or only a part with `-- --mutate 'lib/mongo/**'`.
// All options of `stryker run` work, and `--quick`: a mutant then faces the likeliest four test files only. The report goes to .cache/mutation.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { locate } from '../mongo-server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stryker = fileURLToPath(new URL('bin/stryker.js', import.meta.resolve('@stryker-mutator/core/package.json')));

// The sandbox has no .cache: every worker is told where the MongoDB is, and starts one of its own. They share one that was
// given by its address, but there is one failpoint a server, so one worker has to do then.
const found = await locate();
const env = { ...process.env };
const options = process.argv.slice(2).filter((option) => option !== '--quick');
if (process.argv.includes('--quick')) env.MUTATION_QUICK = '1';
if (found.kind !== 'uri') env.MONGOD_BIN = found.binary;
else if (!options.some((option) => /^(-c|--concurrency)\b/.test(option))) options.push('--concurrency', '1');

const child = spawn(process.execPath, [stryker, 'run', 'tools/mutation/stryker.config.json', ...options], {
  cwd: root,
  env,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1);
});
