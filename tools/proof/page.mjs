// Puts what was measured into docs/94-proof.md: between <!-- measured: NAME --> and <!-- end -->. The words around it are written by hand.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../report/sections.mjs';
import { heapPicture } from './heap-picture.mjs';
import { outagePicture } from './outage-picture.mjs';
import { racesPicture } from './races-picture.mjs';
import { crashTable, endsTable, failoverTable, faultTable, listsTable, plantedTable } from './tables.mjs';
import { moveTable, raceTable, runTable, soakTable, socketsTable, userTable } from './tables.mjs';
import { loginsPicture } from './logins-picture.mjs';

export { fill };

/** From the JSON files in the folder `out`. */
export function writePage({ out, root }) {
  const measured = withAllRaces(readAll(out));
  const folder = join(root, 'docs/94-proof');
  mkdirSync(folder, { recursive: true });
  const { failover, races, soak } = measured;
  if (failover) writeFileSync(join(folder, 'outages.svg'), outagePicture(failover));
  if (races) writeFileSync(join(folder, 'interleavings.svg'), racesPicture(races));
  if (soak) writeFileSync(join(folder, 'heap.svg'), heapPicture(soak));
  if (measured['user-logins']) writeFileSync(join(folder, 'logins.svg'), loginsPicture(measured['user-logins']));
  const page = join(root, 'docs/94-proof.md');
  const sections = {
    run: runTable(measured),
    races: raceTable(measured),
    planted: plantedTable(measured),
    users: userTable(measured),
    moves: moveTable(measured),
    faults: faultTable(measured),
    crash: crashTable(measured),
    failover: failoverTable(measured),
    soak: soakTable(measured),
    lists: listsTable(measured),
    ends: endsTable(measured),
    sockets: socketsTable(measured),
  };
  writeFileSync(page, fill(readFileSync(page, 'utf8'), sections));
}

/** The races of several files as one. */
function withAllRaces(all) {
  const files = Object.keys(all).filter((name) => name.startsWith('races-'));
  if (files.length === 0) return all;
  const measured = files.toSorted().flatMap((name) => all[name].measured);
  return { ...all, races: { ...all[files[0]], measured } };
}

function readAll(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  );
}
