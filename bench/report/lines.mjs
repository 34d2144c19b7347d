import { median, ratio } from '../statistics.mjs';

/** What was compared, for the terminal. */
export function comparisonLines({ workload, platform, connections, ours, measured }) {
  const at = (metric, digits = 0) => median(measured[ours].map((round) => round[metric])).toFixed(digits);
  const what = `${platform.padEnd(8)} ${workload.padEnd(17)} ${String(connections).padStart(3)}`;
  const others = Object.keys(measured).filter((against) => against !== ours);
  const lines = others.map((against) => {
    const { ratio: middle, low, high } = ratio(measured, ours, against);
    const spread = `(${low.toFixed(2)} to ${high.toFixed(2)})`;
    const p50 = ratio(measured, ours, against, 'p50').ratio.toFixed(2);
    return `${what}  ${ours} / ${against.padEnd(22)} ${middle.toFixed(2).padStart(6)} ${spread}, p50 ${p50}`;
  });
  return [`${what}  ${ours}: ${at('perSecond')}/s, p50 ${at('p50', 2)} ms, p99 ${at('p99', 2)} ms`, ...lines];
}
