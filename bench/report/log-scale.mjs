/** Where a scale has its lines. */
export const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/** A scale on which twice as much is always as far. */
export function logScale(lowest, highest, from, to) {
  const [begin, end] = [Math.log(lowest), Math.log(highest)];
  return (value) => from + ((Math.log(value) - begin) / (end - begin)) * (to - from);
}
