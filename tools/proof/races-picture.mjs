import { number } from '../report/markdown.mjs';
import { bar, line, picture, text } from '../report/svg.mjs';

const WIDTH = 900;
const LEFT = 16;
const RIGHT = 884;
const ROW = 46;
const TOP = 66;

/** How many interleavings were tried and passed, on a scale where each line is ten times the one before. */
export function racesPicture({ measured }) {
  const powers = Math.max(
    1,
    Math.ceil(Math.log10(Math.max(...measured.map(({ interleavings }) => interleavings), 10))),
  );
  const x = (count) => LEFT + (Math.log10(Math.max(count, 1)) / powers) * (RIGHT - LEFT);
  const bottom = TOP + measured.length * ROW;
  const parts = [
    text(LEFT, 24, 'Interleavings tried and passed', 'title'),
    text(LEFT, 46, 'passed', 'good'),
    text(LEFT + 70, 46, 'failed', 'bad'),
    text(RIGHT, 46, 'each line is ten times the one before', 'small end'),
  ];
  for (let power = 0; power <= powers; power++) {
    const at = x(10 ** power);
    parts.push(
      line([
        [at, TOP],
        [at, bottom],
      ]),
      text(at, bottom + 18, number(10 ** power), power === 0 ? 'small' : 'small end'),
    );
  }
  for (const [index, { name, where, interleavings, passed }] of measured.entries()) {
    const y = TOP + index * ROW;
    const counts = `${number(interleavings)} tried, ${number(passed)} passed`;
    parts.push(
      text(LEFT + 4, y + 16, `${name}, ${where}: ${counts}`),
      bar(LEFT, y + 24, x(passed) - LEFT, 12, 'good'),
      bar(x(passed), y + 24, x(interleavings) - x(passed), 12, 'bad'),
    );
  }
  return picture(WIDTH, bottom + 32, 'Interleavings tried and passed', parts);
}
