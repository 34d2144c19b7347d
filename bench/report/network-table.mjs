// What was measured through a proxy, held against its bar: as a table, and for `--json`.
import { table } from '../../tools/report/markdown.mjs';
import { median, ratio, ratiosOf } from '../statistics.mjs';

const HEAD = [
  'platform',
  'workload',
  'connections',
  'variant',
  'p50',
  'p99',
  'p50 / latency',
  'p50, ours / it',
  'failed',
  'bar',
];

/** The most that the p50 of the module may be. */
export const maxP50 = (latency) => 1.1 * latency + 3;

const middleOf = (rounds, key) => median(rounds.map((round) => round[key]));
const p50Of = (rounds) => middleOf(rounds, 'p50');
const sumOf = (rounds, key) => rounds.reduce((sum, round) => sum + round[key], 0);

/** Undefined where there is nothing to compare with. */
function isReached({ ours, latency, measured }) {
  if (ours !== 'module') return undefined;
  if (latency) return p50Of(measured.module) <= maxP50(latency);
  const byHand = measured['by hand'];
  return byHand && sumOf(measured.module, 'failed') <= sumOf(byHand, 'failed');
}

export function networkTable(results) {
  const rows = results.flatMap((result) => {
    const { platform, workload, connections, ours, latency, measured } = result;
    return Object.entries(measured).map(([variant, rounds]) => [
      ...[platform, workload, connections, variant],
      ...['p50', 'p99'].map((key) => `${middleOf(rounds, key).toFixed(1)} ms`),
      latency ? (p50Of(rounds) / latency).toFixed(2) : '',
      variant === ours ? '' : ratio(measured, ours, variant, 'p50').ratio.toFixed(2),
      `${sumOf(rounds, 'failed')} of ${sumOf(rounds, 'requests')}`,
      variant === ours ? barOf(result) : '',
    ]);
  });
  return table(HEAD, rows);
}

function barOf(result) {
  const bar = result.latency ? `p50 at most ${maxP50(result.latency).toFixed(0)} ms` : 'not more failed than by hand';
  const reached = isReached(result);
  return reached === undefined ? '' : `${bar}: ${reached ? 'reached' : 'missed'}`;
}

/** The ratios of other workloads, and what a bar is about. */
export function networkJson(results) {
  return results.flatMap((result) => {
    const { ours, latency, silent, measured } = result;
    const byVariant = (of) => Object.fromEntries(Object.entries(measured).map(([name, rounds]) => [name, of(rounds)]));
    return ratiosOf(result).map((row) => ({
      ...row,
      ...(latency ? { latency } : { silent }),
      p50: byVariant(p50Of),
      p99: byVariant((rounds) => middleOf(rounds, 'p99')),
      p50Ratio: ratio(measured, ours, row.against, 'p50').ratio,
      requests: byVariant((rounds) => sumOf(rounds, 'requests')),
      failed: byVariant((rounds) => sumOf(rounds, 'failed')),
      isReached: isReached(result),
    }));
  });
}
