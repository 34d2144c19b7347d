// `npm run bench`: this library against a hand-written findOne a request, and against no session at all, as ratios of two things
// measured in turn in the same run, on the same server. `npm run bench -- quick` takes fewer and shorter rounds. Absolute numbers
// belong to the machine, and are shown only to see that there were enough.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { start } from '../tools/mongo-server.mjs';

const run = promisify(execFile);
const isQuick = process.argv.includes('quick');
const [ROUNDS, SECONDS] = isQuick ? [3, 1] : [7, 3];
const CONNECTIONS = isQuick ? [1, 64] : [1, 16, 64, 256];
const PLATFORMS = ['express', 'fastify'];
const VARIANTS = ['module', 'by hand', 'none'];
const script = (name) => new URL(name, import.meta.url).pathname;

async function startApp(variant, platform, uri) {
  const child = spawn(process.execPath, [script('app.mjs'), variant, platform, uri], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The app ended with ${code}.`))),
  ]);
  const origin = `http://127.0.0.1:${String(port).trim()}`;
  const first = await fetch(`${origin}/write`);
  const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { variant, origin, cookie, stop: () => once(child.stdin.end() && child, 'exit') };
}

async function measure({ origin, cookie }, path, connections) {
  const { stdout } = await run(process.execPath, [script('load.mjs'), origin + path, connections, SECONDS, cookie]);
  return JSON.parse(stdout);
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(apps, path, connections) {
  const perSecond = new Map(apps.map(({ variant }) => [variant, []]));
  // In turn, so that whatever else the machine does meanwhile befalls all alike.
  for (let round = 0; round < ROUNDS; round++) {
    for (const app of apps) perSecond.get(app.variant).push((await measure(app, path, connections)).perSecond);
  }
  const ours = perSecond.get('module');
  return VARIANTS.slice(1).map((against) => {
    const ratios = ours.map((value, round) => value / perSecond.get(against)[round]);
    return {
      against,
      ratio: middle(ratios),
      low: Math.min(...ratios),
      high: Math.max(...ratios),
      perSecond: middle(ours),
    };
  });
}

const server = await start({ failpoints: false, log: (line) => console.error(line) });
try {
  console.log(
    `Node ${process.version}, MongoDB ${server.version} (${server.kind}), ${cpus().length} cores; client, app and server share them.`,
  );
  console.log('platform  path    connections  against  ratio (lowest to highest)  our requests/s');
  for (const platform of PLATFORMS) {
    const apps = [];
    try {
      for (const variant of VARIANTS)
        apps.push(await startApp(variant, platform, databaseAt(server.uri, `bench_${platform}`)));
      for (const path of ['/read', '/write']) {
        for (const connections of CONNECTIONS) {
          for (const { against, ratio, low, high, perSecond } of await compare(apps, path, connections)) {
            const spread = `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
            console.log(
              [
                platform.padEnd(9),
                path.padEnd(7),
                String(connections).padEnd(12),
                against.padEnd(8),
                spread.padEnd(26),
                Math.round(perSecond),
              ].join(' '),
            );
          }
        }
      }
    } finally {
      for (const app of apps) await app.stop();
    }
  }
} finally {
  await server.stop();
}

function databaseAt(uri, name) {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}
