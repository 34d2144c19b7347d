// Reads of a MongoDB that is far away, or some of whose connections fall silent: `npm run bench -- far`.
import { withContenders } from './compare.mjs';
import { NetworkProxy } from './network-proxy.mjs';
import { networkTable } from './report/network-table.mjs';
import { startOf } from './series.mjs';
import { NETWORK_WORKLOADS } from './workloads.mjs';

const POOL = 20;
const WARM_UP_SECONDS = 1;

/** @returns {Promise<object[]>} what was compared, with `latency` or `silent` of its workload */
export async function measureNetwork(given, plan) {
  const results = [];
  for (const step of plan) {
    given.log(`${step.platform}: ${step.workload}, ${step.connections} connections`);
    results.push(await measureStep(step, given));
  }
  if (results.length > 0) given.log(`\n${networkTable(results)}`);
  return results;
}

/** With apps and proxies of its own, because an app may remember how far away its database was. */
async function measureStep({ platform, workload, connections, variants, rounds, seconds }, given) {
  const { latency, silent } = NETWORK_WORKLOADS[workload];
  const proxies = {};
  const measured = Object.fromEntries(variants.map((variant) => [variant, []]));
  try {
    const apps = [];
    for (const variant of variants) {
      proxies[variant] = await NetworkProxy.open(await given.server.primary());
      const start = await startOf(variant, platform, given);
      // A far database needs one connection for each request in flight; what suits a near one would be unfair here.
      const pool = latency ? Math.max(POOL, connections) : POOL;
      apps.push({ ...start, uri: through(proxies[variant], start.uri, pool), maxPoolSize: undefined });
    }
    await withContenders(apps, given.client, async (contenders) => {
      if (latency) for (const contender of contenders) await contender.visit(workload, connections, WARM_UP_SECONDS);
      for (let round = 0; round < rounds; round++) {
        for (const contender of contenders) {
          const proxy = proxies[contender.variant];
          if (latency) proxy.delay(latency);
          if (silent) await silenceAgain(proxy, silent, () => contender.visit(workload, connections, WARM_UP_SECONDS));
          const seen = await contender.visit(workload, connections, seconds);
          if (latency && seen.failed > 0)
            throw new Error(`${contender.variant} on ${platform}, ${workload}: ${seen.failed} requests failed`);
          if (proxy.toSilence > 0)
            throw new Error(
              `${contender.variant} on ${platform}, ${workload}: ${proxy.toSilence} connections never used`,
            );
          measured[contender.variant].push(seen);
        }
      }
    });
  } finally {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  }
  const ours = variants.includes('module') ? 'module' : variants[0];
  return { platform, workload, connections, ours, latency, silent, measured };
}

/** Breaks what was silent first: the driver repeats the reads that hung there, and they must not be the ones that are lost again. */
async function silenceAgain(proxy, silent, warmUp) {
  proxy.silence(0);
  await warmUp();
  proxy.silence(silent);
}

/** All connections of the pool are open from the start: none is opened while it is measured. */
function through({ port }, uri, pool) {
  const url = new URL(uri);
  url.host = `127.0.0.1:${port}`;
  url.searchParams.delete('replicaSet');
  url.searchParams.set('directConnection', 'true');
  url.searchParams.set('minPoolSize', pool);
  url.searchParams.set('maxPoolSize', pool);
  return url.href;
}
