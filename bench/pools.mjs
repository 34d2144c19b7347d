// Which number of connections to MongoDB suits the hand-written one best: `npm run bench -- pool`. The numbers in
// variants/index.mjs come from here, so that the library is compared with the best of it.
import { compare, warmUp, withContenders } from './compare.mjs';
import { comparisonLines } from './report/lines.mjs';
import { PLATFORMS } from './plan.mjs';
import { startOf } from './series.mjs';

const SIZES = [100, 2, 4, 8, 16, 32];
const WORKLOADS = ['read', 'write'];
const CONNECTIONS = [64, 256];

/** Each as a ratio to the driver's default. */
export async function measurePools(given, { only = {}, rounds = 5, seconds = 0.6 }) {
  const results = [];
  const [variant = 'by hand'] = only.variants ?? [];
  for (const platform of only.platform ?? PLATFORMS) {
    const start = await startOf(variant, platform, given);
    const apps = SIZES.map((maxPoolSize) => ({ ...start, maxPoolSize }));
    await withContenders(apps, given.client, async (contenders) => {
      for (const [index, size] of SIZES.entries()) contenders[index].variant = `${size} connections`;
      for (const workload of only.workload ?? WORKLOADS) {
        await warmUp(contenders, workload, given.server);
        for (const connections of only.connections?.map(Number) ?? CONNECTIONS) {
          const step = { workload, connections, rounds, seconds };
          const measured = await compare(contenders, step, given.server);
          // Turned round: how much quicker each of them is than the default.
          for (const size of SIZES.slice(1)) {
            const ours = `${size} connections`;
            const pair = { [ours]: measured[ours], '100 connections': measured['100 connections'] };
            const result = { variant, platform, workload, connections, ours, measured: pair };
            results.push(result);
            comparisonLines(result).forEach((line) => given.log(line));
          }
        }
      }
    });
  }
  return results;
}
