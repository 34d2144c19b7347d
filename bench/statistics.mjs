// Ratios of what was measured in the same round, and how far they spread.

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One measurement a round of two variants: the median of the rounds' ratios, the lowest and the highest. Ours takes part in every round.
 * @param {Record<string, Record<string, number>[]>} measured
 */
export function ratio(measured, ours, against, metric = 'perSecond') {
  const ratios = measured[against].map((round, index) => measured[ours][index][metric] / round[metric]);
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/** Every ratio of one that is compared, in the shape that `--json` writes. */
export function ratiosOf({ workload, platform, connections, ours, measured }) {
  return Object.keys(measured)
    .filter((against) => against !== ours)
    .map((against) => ({ workload, platform, connections, against, ...ratio(measured, ours, against) }));
}
