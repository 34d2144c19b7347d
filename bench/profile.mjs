// Where an app's CPU time goes: `node bench/profile.mjs [--platform P] [--workload W] [--connections N] [--variant V] [--seconds N] [--node PATH]`.
// Takes a CPU profile of the app alone while it works, keeps it for Chrome's DevTools, and prints the top of it as Markdown.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startChild } from './child.mjs';
import { withContenders } from './compare.mjs';
import { startDatabase } from './database.mjs';
import { builtLibrary } from './library.mjs';
import { UsageError, readOptions } from './options.mjs';
import { summarize } from './cpu-profile.mjs';
import { isNetwork } from './plan.mjs';
import { table } from '../tools/report/markdown.mjs';
import { startOf } from './series.mjs';

const OPTIONS = {
  platform: { type: 'string', default: 'express' },
  workload: { type: 'string', default: 'read' },
  connections: { type: 'string', default: '64' },
  variant: { type: 'string', default: 'module' },
  seconds: { type: 'string', default: '5' },
  top: { type: 'string', default: '15' },
  baseline: { type: 'string' },
  node: { type: 'string', default: process.execPath },
};

async function main() {
  const { values } = parse();
  const { platform, workload, connections, variant, seconds, baseline, node, top } = values;
  // Checked by the same rules as the benchmark's own options.
  const filter = `platform=${platform},workload=${workload},connections=${connections},variants=${variant}`;
  const given = ['--only', filter, '--seconds', seconds, '--node', node, ...(baseline ? ['--baseline', baseline] : [])];
  const options = readOptions(given);
  if (isNetwork(workload)) throw new UsageError('A workload of a network can not be profiled');
  const library = builtLibrary();
  const server = await startDatabase();
  try {
    const client = await startChild('the client', 'client.mjs', {}, options);
    try {
      const start = await startOf(variant, platform, { server, library, ...options });
      await withContenders([start], client, async ([app]) => {
        await app.measure(workload, Number(connections), 2, server);
        await app.ask('startProfile');
        const { perSecond } = await app.measure(workload, Number(connections), options.seconds, server);
        const profile = await app.ask('stopProfile');
        const file = keep(`${variant}-${platform}-${workload}`, profile);
        print(summarize(profile, { baseline: options.baseline }), Number(top));
        console.log(`\n${Math.round(perSecond)} requests a second under the profiler. Profile: ${file}`);
      });
    } finally {
      await client.stop();
    }
  } finally {
    await server.stop();
  }
}

function parse() {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function keep(name, profile) {
  const folder = fileURLToPath(new URL('../.cache/bench/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${name.replaceAll(/[^\w-]+/g, '_')}.cpuprofile`;
  writeFileSync(file, JSON.stringify(profile));
  return file;
}

function print({ groups, functions }, top) {
  const percent = (share) => `${(share * 100).toFixed(1)} %`;
  console.log(
    `\n${table(
      ['where', 'self time'],
      groups.map(({ name, share }) => [name, percent(share)]),
    )}`,
  );
  const rows = functions
    .slice(0, top)
    .map(({ name, group, place, share }) => [`\`${name}\``, group, place, percent(share)]);
  console.log(`\n${table(['function', 'of', 'at', 'self time'], rows)}`);
}

await main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
