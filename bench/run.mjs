// `npm run bench`: this library against the others, as ratios of what was measured in turn, in one run, on one server. See README.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.mjs';
import { startDatabase } from './database.mjs';
import { builtLibrary } from './library.mjs';
import { machineOf } from './machine.mjs';
import { UsageError, readOptions } from './options.mjs';
import { isNetwork, makePlan, secondsOf } from './plan.mjs';
import { measureNetwork } from './network.mjs';
import { measurePools } from './pools.mjs';
import { networkJson } from './report/network-table.mjs';
import { writePages } from './report/page.mjs';
import { measureAll } from './series.mjs';
import { ratiosOf } from './statistics.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = fileURLToPath(new URL('../.cache/bench/', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM'];

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.mode === 'page') return writePages({ root, measured: readLast() });
  const begin = Date.now();
  const measured = await measureWith(options);
  measured.minutes = (Date.now() - begin) / 60_000;
  if (options.mode === 'pool') return writeFileSync(keep('pools.json'), JSON.stringify(measured));
  if (options.json) {
    const rows = [...measured.compared.flatMap(ratiosOf), ...networkJson(measured.network)];
    writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  const { mode, only, rounds, seconds } = options;
  console.log(`\nTook ${measured.minutes.toFixed(1)} minutes.`);
  if (mode === 'quick' || mode === 'far' || only) return undefined;
  writeFileSync(keep('full.json'), JSON.stringify(measured));
  if (rounds || seconds)
    console.log(
      'bench/RESULTS.md and docs/93-performance.md stay as they are: `npm run bench -- page` writes it from this',
    );
  else writePages({ root, measured: readLast() });
  return undefined;
}

/** Everything that is started here is ended here. */
async function measureWith(options) {
  const library = builtLibrary();
  const server = await startDatabase();
  try {
    const client = await startChild('the client', 'client.mjs', {}, options);
    // Without its client the run fails, and ends all that it has started.
    const end = () => void client.stop();
    SIGNALS.forEach((signal) => process.once(signal, end));
    try {
      const machine = machineOf(server, options.node);
      console.log(`Node ${machine.node}, MongoDB ${machine.mongodb} (${machine.server}), ${machine.cores} cores.`);
      const { baseline, node } = options;
      const given = { server, client, library, baseline, node, log: (line) => console.log(line) };
      if (options.mode === 'pool') return { machine, pools: await measurePools(given, options) };
      const { mode } = options;
      const modes = { isQuick: mode === 'quick', isFar: mode === 'far' };
      const plan = makePlan({ ...options, ...modes, hasBaseline: Boolean(baseline) });
      if (plan.length === 0) throw new UsageError('--only leaves nothing to measure');
      console.log(`${plan.length} comparisons, with about ${(secondsOf(plan) / 60).toFixed(1)} minutes of measuring.`);
      const isFull = mode === 'full' && !options.only;
      const near = plan.filter(({ workload }) => !isNetwork(workload));
      const far = plan.filter(({ workload }) => isNetwork(workload));
      const all = { ...(await measureAll(given, near, { isFull })), network: await measureNetwork(given, far) };
      return { machine, ...all, load: machineOf(server, options.node).load };
    } finally {
      SIGNALS.forEach((signal) => process.off(signal, end));
      await client.stop();
    }
  } finally {
    await server.stop();
  }
}

function keep(name) {
  mkdirSync(cache, { recursive: true });
  return cache + name;
}

/** What was measured last: a full run, and which pools suit the hand-written one. */
function readLast() {
  const read = (name) => {
    try {
      return JSON.parse(readFileSync(cache + name, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  };
  const full = read('full.json');
  if (!full) throw new UsageError('There is no full run yet: npm run bench');
  return { ...full, pools: read('pools.json')?.pools };
}

await main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
