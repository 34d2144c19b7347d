// All comparisons of a plan, platform by platform: each has its apps, which are started once.
import { compare, warmUp, withContenders } from './compare.mjs';
import { heapPerRequest } from './heap.mjs';
import { comparisonLines } from './report/lines.mjs';
import { measureStored } from './stored.mjs';
import { isMain } from './plan.mjs';
import { poolSizeOf, variantsOn } from './variants/index.mjs';

/** On a slow machine the rest then has fewer rounds, so that a full run ends within its 15 minutes. */
const LATE_MINUTES = 11;

/** With what a full run has beyond its plan: the heap, and how much is stored. */
export async function measureAll(given, plan, { isFull = false } = {}) {
  const compared = [];
  const heap = [];
  const late = Date.now() + LATE_MINUTES * 60_000;
  const isLate = () => isFull && Date.now() > late;
  for (const platform of new Set(plan.map((step) => step.platform))) {
    const steps = plan.filter((step) => step.platform === platform);
    const variants = variantsOn(platform).filter((variant) => steps.some((step) => step.variants.includes(variant)));
    const apps = await Promise.all(variants.map((variant) => startOf(variant, platform, given)));
    await withContenders(apps, given.client, async (contenders) => {
      compared.push(...(await measureSteps(contenders, apps, steps, given, isLate)));
      if (!isFull) return;
      for (const contender of contenders) {
        heap.push({ platform, variant: contender.variant, bytes: await heapPerRequest(contender) });
      }
    });
  }
  if (isFull) {
    const stored = await measureStored(given);
    stored.flatMap(comparisonLines).forEach(given.log);
    compared.push(...stored);
  }
  return { compared, heap };
}

async function measureSteps(contenders, apps, steps, given, isLate) {
  const { server, log } = given;
  const results = [];
  let warm;
  for (const { variants, ...step } of steps) {
    const some = contenders.filter(({ variant }) => variants.includes(variant));
    if (warm !== step.workload) {
      const alike = steps.filter(({ workload }) => workload === step.workload);
      const all = contenders.filter(({ variant }) => alike.some((other) => other.variants.includes(variant)));
      await warmUp(all, step.workload, server, warm === undefined ? 'first' : 'later');
    }
    warm = step.workload;
    const measured = await compareWarm(some, step, server, isLate);
    for (let start = 1; start < step.starts && !isLate(); start++) {
      const fresh = await compareAnew(apps, step, given);
      for (const variant of step.again) measured[variant].push(...fresh[variant]);
    }
    const ours = variants.includes('module') ? 'module' : variants[0];
    const result = { ...step, ours, measured };
    results.push(result);
    comparisonLines(result).forEach((line) => log(line));
  }
  return results;
}

/** The same with apps that are started for it. */
function compareAnew(apps, step, { server, client }) {
  const some = apps.filter(({ variant }) => step.again.includes(variant));
  return withContenders(some, client, async (contenders) => {
    await warmUp(contenders, step.workload, server);
    return compareWarm(contenders, step, server);
  });
}

/** What is warm from many connections is not for one alone. */
async function compareWarm(contenders, step, server, isLate) {
  if (step.connections === 1 && isMain(step.workload)) await warmUp(contenders, step.workload, server, 'alone');
  return compare(contenders, step, server, isLate);
}

/** Each with a database of its own. */
export async function startOf(variant, platform, { server, library, baseline, node }) {
  const name = `bench_${platform}_${variant.replaceAll(/\W+/g, '_')}`;
  return {
    ...{ node, variant, platform, uri: await server.database(name) },
    library: variant === 'baseline' ? baseline : library,
    maxPoolSize: poolSizeOf(variant),
  };
}
