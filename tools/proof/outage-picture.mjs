import { bar, level, picture, stepFor, text } from '../report/svg.mjs';

const WIDTH = 900;
const HEIGHT = 330;
const AREA = { left: 56, right: 884, top: 64, bottom: 270 };
const SLICE_MS = 500;

/** What was answered while the primary was killed again and again. */
export function outagePicture({ kills, slices }) {
  const end = Math.max(slices.at(-1).at + SLICE_MS, ...kills.map(({ at, outage }) => at + outage));
  const sums = new Map();
  for (const { at, acknowledged, failed } of slices) {
    const slot = Math.floor(at / SLICE_MS);
    const { good = 0, bad = 0 } = sums.get(slot) ?? {};
    sums.set(slot, { good: good + acknowledged, bad: bad + failed });
  }
  const perSecond = (count) => (count * 1000) / SLICE_MS;
  const most = Math.max(...[...sums.values()].map(({ good, bad }) => perSecond(good + bad)));
  const step = stepFor(most, 4);
  const x = (at) => AREA.left + (at / end) * (AREA.right - AREA.left);
  const y = (rate) => AREA.bottom - (rate / (step * 4)) * (AREA.bottom - AREA.top);

  const parts = [
    text(AREA.left, 24, 'Requests a second, while the primary is killed again and again', 'title'),
    text(AREA.left, 46, 'acknowledged', 'good'),
    text(AREA.left + 110, 46, 'failed with 503', 'bad'),
    bar(AREA.left + 225, 35, 14, 14, 'outage'),
    text(AREA.left + 245, 46, 'from the kill to the next success, in seconds'),
  ];
  for (let index = 0; index <= 4; index++) {
    const rate = index * step;
    parts.push(...level(AREA, y(rate), rate));
  }
  for (const [slot, { good, bad }] of sums) {
    const [from, width] = [x(slot * SLICE_MS), Math.max(x(SLICE_MS) - AREA.left - 1, 1)];
    const [top, higher] = [y(perSecond(good)), y(perSecond(good + bad))];
    if (good > 0) parts.push(bar(from, top, width, AREA.bottom - top, 'good'));
    if (bad > 0) parts.push(bar(from, higher, width, top - higher, 'bad'));
  }
  for (const { at, outage } of kills) {
    parts.push(
      bar(x(at), AREA.top, x(at + outage) - x(at), AREA.bottom - AREA.top, 'outage'),
      text(x(at + outage / 2), AREA.bottom + 36, (outage / 1000).toFixed(1), 'small middle'),
    );
  }
  const seconds = stepFor(end / 1000, 10);
  for (let at = 0; at * 1000 <= end; at += seconds)
    parts.push(text(x(at * 1000), AREA.bottom + 18, `${at} s`, 'small middle'));
  parts.push(
    text(
      AREA.left,
      AREA.bottom + 54,
      'Gaps without red: the load rests while every session is compared with the journals.',
      'small',
    ),
  );
  return picture(WIDTH, HEIGHT, 'Requests a second, while the primary is killed', parts);
}
