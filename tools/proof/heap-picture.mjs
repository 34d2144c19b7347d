import { level, line, picture, stepFor, text } from '../report/svg.mjs';

const WIDTH = 900;
const HEIGHT = 280;
const AREA = { left: 56, right: 884, top: 64, bottom: 244 };
const LINES = { express: ['good', 'good-line'], fastify: ['other', 'other-line'] };
const MIB = 2 ** 20;

/** The heap of each app over the time of the soak, each time after garbage collection. */
export function heapPicture({ seconds, results }) {
  const most = Math.max(...results.flatMap(({ samples }) => samples.map(({ heap }) => heap / MIB)));
  const step = stepFor(most, 4);
  const x = (at) => AREA.left + (at / seconds) * (AREA.right - AREA.left);
  const y = (heap) => AREA.bottom - (heap / (step * 4)) * (AREA.bottom - AREA.top);
  const parts = [text(AREA.left, 24, 'Heap after garbage collection, in MiB', 'title')];
  for (const [index, { platform, requests }] of results.entries()) {
    const label = `${platform}, ${requests.toLocaleString('en-US')} requests`;
    parts.push(text(AREA.left + index * 220, 46, label, LINES[platform][0]));
  }
  for (let index = 0; index <= 4; index++) {
    const heap = index * step;
    parts.push(...level(AREA, y(heap), heap));
  }
  for (const { platform, samples } of results) {
    const points = samples.map(({ at, heap }) => [x(at), y(heap / MIB)]);
    parts.push(line(points, LINES[platform][1]));
  }
  const every = stepFor(seconds, 10);
  for (let at = 0; at <= seconds; at += every) parts.push(text(x(at), AREA.bottom + 18, `${at} s`, 'small middle'));
  return picture(WIDTH, HEIGHT, 'Heap after garbage collection', parts);
}
