import { bar, line, picture, text } from '../../tools/report/svg.mjs';
import { ratio } from '../statistics.mjs';
import { STEPS, logScale } from './log-scale.mjs';

const WIDTH = 900;
const AREA = { left: 330, right: 830, top: 62 };
const ROW = 19;
const GAP = 14;

/** Every ratio at 64 connections on one platform: a bar from 1 to the median, and a line from the lowest to the highest. */
export function ratiosPicture(compared, platform) {
  const steps = compared.filter((step) => step.platform === platform && step.connections === 64);
  const groups = steps.map(({ workload, ours, measured }) => ({
    workload,
    rows: Object.keys(measured)
      .filter((against) => against !== ours)
      .map((against) => ({ against, ...ratio(measured, ours, against) })),
  }));
  const all = groups.flatMap(({ rows }) => rows);
  const lowest = Math.min(...all.map(({ low }) => low), 0.5);
  const highest = Math.max(...all.map(({ high }) => high), 2);
  const x = logScale(lowest, highest, AREA.left, AREA.right);
  const bottom = AREA.top + all.length * ROW + groups.length * GAP;
  const title = `Requests a second, ours divided by theirs, ${platform}, 64 connections`;
  const parts = [
    text(16, 24, title, 'title'),
    text(16, 44, 'Right of 1 ours is quicker. Each bar is a median; the thin line spans all rounds.', 'small'),
  ];
  for (const step of STEPS.filter((value) => value >= lowest && value <= highest)) {
    parts.push(
      line([
        [x(step), AREA.top],
        [x(step), bottom],
      ]),
      text(x(step), bottom + 18, step, 'small middle'),
    );
  }
  let y = AREA.top + GAP;
  for (const { workload, rows } of groups) {
    parts.push(text(16, y + 10, workload));
    for (const { against, ratio: middle, low, high } of rows) {
      const [from, to] = [Math.min(x(1), x(middle)), Math.max(x(1), x(middle))];
      parts.push(
        text(AREA.left - 10, y + 10, against, 'small end'),
        bar(from, y, Math.max(to - from, 1), 12, middle >= 1 ? 'good' : 'other'),
        line(
          [
            [x(low), y + 6],
            [x(high), y + 6],
          ],
          'spread',
        ),
        text(Math.max(x(high), to) + 8, y + 10, middle.toFixed(2), 'small'),
      );
      y += ROW;
    }
    y += GAP;
  }
  return picture(WIDTH, bottom + 32, title, parts);
}
