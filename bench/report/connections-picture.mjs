import { level, line, picture, text } from '../../tools/report/svg.mjs';
import { ratio } from '../statistics.mjs';
import { STEPS, logScale } from './log-scale.mjs';

const WIDTH = 900;
const HEIGHT = 320;
const AREA = { left: 56, right: 860, top: 84, bottom: 284 };
const LINES = [
  { platform: 'express', workload: 'read', kind: 'good-line', label: 'good' },
  { platform: 'express', workload: 'write', kind: 'good-line dashed', label: 'good' },
  { platform: 'fastify', workload: 'read', kind: 'other-line', label: 'other' },
  { platform: 'fastify', workload: 'write', kind: 'other-line dashed', label: 'other' },
];

/** How the ratio to the hand-written one goes with the number of connections. */
export function connectionsPicture(compared) {
  const lines = LINES.map(({ platform, workload, ...style }) => ({
    ...style,
    name: `${workload}, ${platform}`,
    points: compared
      .filter((step) => step.platform === platform && step.workload === workload && step.measured['by hand'])
      .map(({ connections, ours, measured }) => ({ connections, ...ratio(measured, ours, 'by hand') })),
  })).filter(({ points }) => points.length > 0);
  const all = lines.flatMap(({ points }) => points);
  const counts = [...new Set(all.map(({ connections }) => connections))].toSorted((a, b) => a - b);
  const highest = Math.max(...all.map(({ high }) => high), 2);
  const lowest = Math.min(...all.map(({ low }) => low), 0.8);
  const x = (connections) => {
    return (
      AREA.left + 30 + (counts.indexOf(connections) / Math.max(1, counts.length - 1)) * (AREA.right - AREA.left - 60)
    );
  };
  const y = logScale(lowest, highest, AREA.bottom, AREA.top);
  const title = 'Requests a second, ours divided by those of the hand-written one';
  const parts = [text(16, 24, title, 'title')];
  for (const step of STEPS.filter((value) => value >= lowest && value <= highest)) {
    parts.push(...level(AREA, y(step), step));
  }
  for (const connections of counts) {
    const words = `${connections} ${connections === 1 ? 'connection' : 'connections'}`;
    parts.push(text(x(connections), AREA.bottom + 20, words, 'small middle'));
  }
  for (const [index, { name, points, kind, label }] of lines.entries()) {
    const at = 16 + index * 190;
    parts.push(
      line(
        [
          [at, 50],
          [at + 24, 50],
        ],
        kind,
      ),
      text(at + 30, 54, name, label),
    );
    parts.push(
      line(
        points.map((point) => [x(point.connections), y(point.ratio)]),
        kind,
      ),
    );
    for (const { connections, low, high } of points) {
      // Beside each other, or the spread of one would hide that of another.
      const beside = x(connections) + (index - 1.5) * 5;
      parts.push(
        line(
          [
            [beside, y(low)],
            [beside, y(high)],
          ],
          kind.replace(' dashed', ''),
        ),
      );
    }
  }
  return picture(WIDTH, HEIGHT, title, parts);
}
