import { level, line, picture, text } from '../report/svg.mjs';

const WIDTH = 900;
const HEIGHT = 330;
const AREA = { left: 56, right: 884, top: 64, bottom: 280 };
const KINDS = ['good-line', 'other-line'];
const TEXTS = ['good', 'other'];

/** How many sessions of one user live while it logs in many times at the same moment: ours, and where others count first. */
export function loginsPicture({ limit, measured }) {
  const counts = measured.flatMap((row) => row.counts);
  const most = Math.max(...counts.map(({ sessions }) => sessions), limit + 1);
  // Each on its own scale: how long it takes is not what is compared.
  const y = (sessions) => AREA.bottom - (sessions / most) * (AREA.bottom - AREA.top);
  const parts = [
    text(AREA.left, 24, `Living sessions of one user, who may have ${limit}, after each of many logins`, 'title'),
  ];
  for (const [index, { name }] of measured.entries())
    parts.push(text(AREA.left + index * 260, 46, name, TEXTS[index] ?? 'small'));
  for (let sessions = 0; sessions <= most; sessions += Math.max(1, Math.ceil(most / 8)))
    parts.push(...level(AREA, y(sessions), sessions));
  for (const [index, row] of measured.entries()) {
    const x = (n) => AREA.left + (n / Math.max(row.counts.length - 1, 1)) * (AREA.right - AREA.left);
    const points = row.counts.flatMap(({ sessions }, n) => [
      ...(n > 0 ? [[x(n), y(row.counts[n - 1].sessions)]] : []),
      [x(n), y(sessions)],
    ]);
    parts.push(line(points, KINDS[index] ?? 'line'));
  }
  parts.push(
    text(AREA.left, AREA.bottom + 24, 'the first login', 'small'),
    text(AREA.right, AREA.bottom + 24, 'the last one', 'small end'),
  );
  return picture(WIDTH, HEIGHT, `Living sessions of one user, who may have ${limit}`, parts);
}
