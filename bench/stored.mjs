// Whether a read takes longer when more sessions are stored.
import { compare, warmUp, withContenders } from './compare.mjs';
import { JUDGED, PLATFORMS, STARTS } from './plan.mjs';
import { SIZES, storeSessions } from './stored-sessions.mjs';

const DATABASE = 'bench_stored';
/** Of each start. */
const EFFORT = { workload: 'read', connections: 64, ...JUDGED, rounds: JUDGED.rounds / STARTS };

/** @returns {Promise<object[]>} what was compared on each platform, with the numbers of stored sessions as variants */
export async function measureStored({ server, client, library, node, log }) {
  const known = {};
  const uris = {};
  for (const [name, count] of Object.entries(SIZES)) {
    uris[name] = await server.database(`${DATABASE}_${count}`);
    const begin = Date.now();
    known[name] = await storeSessions(server.client.db(`${DATABASE}_${count}`).collection('sessions'), count);
    log(`${name} in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  }
  await server.flush();
  const results = [];
  for (const platform of PLATFORMS) {
    const apps = Object.keys(SIZES).map((name) => ({ node, variant: 'module', platform, library, uri: uris[name] }));
    const measured = {};
    for (let start = 0; start < STARTS; start++) {
      const rounds = await withContenders(apps, client, async (contenders) => {
        for (const [index, name] of Object.keys(SIZES).entries()) {
          contenders[index].variant = name;
          await contenders[index].invite('small', known[name]);
        }
        await warmUp(contenders, EFFORT.workload, server);
        return compare(contenders, EFFORT, server);
      });
      for (const name of Object.keys(SIZES)) (measured[name] ??= []).push(...rounds[name]);
    }
    const { connections } = EFFORT;
    for (const ours of Object.keys(SIZES).slice(1)) {
      const pair = { [ours]: measured[ours], '1 k stored': measured['1 k stored'] };
      results.push({ workload: `read of ${ours}`, platform, connections, ours, measured: pair });
    }
  }
  return results;
}
