// Writes what was measured into docs/performance.md, and its pictures. The words around it are written by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../../tools/report/sections.mjs';
import { connectionsPicture } from './connections-picture.mjs';
import { ratiosPicture } from './ratios-picture.mjs';
import {
  costTable,
  goalTable,
  heapTable,
  latencyTable,
  poolTable,
  ratioTable,
  runTable,
  storedTable,
} from './tables.mjs';

const PLATFORMS = ['express', 'fastify'];

/** @param {{ root: string, measured: object }} given what a full run has measured */
export function writePage({ root, measured }) {
  const folder = join(root, 'docs/performance');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'connections.svg'), connectionsPicture(measured.compared));
  for (const platform of PLATFORMS)
    writeFileSync(join(folder, `ratios-${platform}.svg`), ratiosPicture(measured.compared, platform));
  const ratios = PLATFORMS.map((platform) => {
    const shown = `![Ratios on ${platform}, 64 connections](performance/ratios-${platform}.svg)`;
    return [`### ${platform}`, shown, ratioTable(measured, platform)].join('\n\n');
  });
  const sections = {
    run: runTable(measured),
    goals: goalTable(measured),
    ratios: ratios.join('\n\n'),
    connections: '![Ratios by number of connections](performance/connections.svg)',
    latency: latencyTable(measured),
    costs: costTable(measured),
    heap: heapTable(measured),
    stored: storedTable(measured),
    pools: poolTable(measured),
  };
  const page = join(root, 'docs/performance.md');
  writeFileSync(page, fill(readFileSync(page, 'utf8'), sections));
}
