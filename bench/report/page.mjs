// Writes what was measured: all of it into bench/RESULTS.md, a summary into docs/93-performance.md, and the pictures of
// both. The words around the tables are written by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../../tools/report/sections.mjs';
import { connectionsPicture } from './connections-picture.mjs';
import { ratiosPicture } from './ratios-picture.mjs';
import {
  costTable,
  expectTable,
  goalTable,
  heapTable,
  latencyTable,
  poolTable,
  ratioTable,
  runTable,
  storedTable,
} from './tables.mjs';

const PLATFORMS = ['express', 'fastify'];

const PICTURES = 'docs/93-performance';

/** @param {{ root: string, measured: object }} given what a full run has measured */
export function writePages({ root, measured }) {
  writePictures(join(root, PICTURES), measured);
  fillPage(join(root, 'bench/RESULTS.md'), {
    run: runTable(measured),
    goals: goalTable(measured),
    ratios: PLATFORMS.map((platform) => ratioSection(measured, platform)).join('\n\n'),
    connections: `![Ratios by number of connections](../${PICTURES}/connections.svg)`,
    latency: latencyTable(measured),
    costs: costTable(measured),
    heap: heapTable(measured),
    stored: storedTable(measured),
    pools: poolTable(measured),
  });
  fillPage(join(root, 'docs/93-performance.md'), { run: runTable(measured), expect: expectTable(measured) });
}

function writePictures(folder, { compared }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'connections.svg'), connectionsPicture(compared));
  for (const platform of PLATFORMS)
    writeFileSync(join(folder, `ratios-${platform}.svg`), ratiosPicture(compared, platform));
}

function ratioSection(measured, platform) {
  const picture = `![Ratios on ${platform}, 64 connections](../${PICTURES}/ratios-${platform}.svg)`;
  return [`### ${platform}`, picture, ratioTable(measured, platform)].join('\n\n');
}

function fillPage(page, sections) {
  writeFileSync(page, fill(readFileSync(page, 'utf8'), sections));
}
