// `npm run demo`: starts MongoDB, unless MONGODB_URI gives one, and a sample app on Express and on Fastify; shows over HTTP,
// step by step, what sessions do; then stays up until Ctrl-C. `npm run demo -- --exit` ends after the tour instead.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { openDatabase } from './demo/database.mjs';
import { Report } from './demo/report.mjs';
import { buildSample, startApp } from './demo/sample.mjs';
import { tour } from './demo/tour.mjs';
import { start } from './mongo-server.mjs';

const SAMPLE = '01-counter-cart-login';
const PLATFORMS = { express: 'Express', fastify: 'Fastify' };
const INTERRUPTED = 130;
const PATIENCE_MS = 8000;

const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });
const stopping = new AbortController();
const { signal } = stopping;
// npm passes a Ctrl-C on that has come here already: more than one means no more than one.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stopping.abort());

// npm's shell dies of a signal without passing it on: when it is gone, the demo was stopped with it.
if (process.env.npm_lifecycle_event) {
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && stopping.abort(), 500).unref();
}

process.exitCode = await demo(values);

async function demo({ exit }) {
  const report = new Report(console.log);
  const cleanups = [];
  let complete = false;
  try {
    const { apps, database } = await startAll(cleanups);
    for (const app of apps) await visit(app, database, report);
    complete = true;
    if (!exit) await stayUp(apps, report);
  } catch (error) {
    // What breaks because of a Ctrl-C is no failure.
    if (!signal.aborted) report.fail(error.stack);
  }
  const interrupted = signal.aborted && !complete;
  stopping.abort();
  const finish = () => {
    console.log(`\n${report.closingLine}`);
    return interrupted ? INTERRUPTED : Number(report.failed > 0);
  };
  // A MongoDB that is being fetched may take minutes to start. Nobody has to wait for it: it ends when this process has.
  const late = setTimeout(() => process.exit(finish()), PATIENCE_MS);
  for (const cleanup of cleanups.toReversed()) await cleanup().catch((error) => report.fail(error.stack));
  clearTimeout(late);
  return finish();
}

/** Whatever is started is put on the list of what to end, before anything is waited for. */
async function startAll(cleanups) {
  console.log('Starting MongoDB, and building the library and the sample ...');
  const starting = start();
  cleanups.push(() => starting.then((server) => server.stop(), ignore));
  const building = buildSample(SAMPLE, { signal });
  cleanups.push(() => building.then((sample) => sample.remove(), ignore));
  const [server, { folder }] = await Promise.all([starting, building]);
  signal.throwIfAborted();

  const database = openDatabase(server);
  cleanups.push(() => database.close());
  const { uri } = database;
  const apps = Object.keys(PLATFORMS).map((platform) => startApp({ folder, platform, uri, signal }));
  cleanups.push(() => Promise.all(apps.map((app) => app.then((running) => running.stop(), ignore))));
  return { apps: await Promise.all(apps), database };
}

async function visit({ platform, url, output }, database, report) {
  report.chapter(`${PLATFORMS[platform]}, at ${url}`);
  try {
    await tour({ url, database, report, signal });
  } catch (error) {
    signal.throwIfAborted();
    report.fail(`${error.stack}\nThe app said:\n${output()}`);
  }
}

async function stayUp(apps, report) {
  console.log(`\n${report.closingLine}. Both apps stay up; Ctrl-C ends them and leaves nothing behind:`);
  for (const { platform, url } of apps) console.log(`  ${PLATFORMS[platform]}  ${url}`);
  const ends = apps.map(async ({ platform, ended, output }) => {
    await ended;
    throw new Error(`the sample on ${PLATFORMS[platform]} has ended. It said:\n${output()}`);
  });
  await Promise.race([once(signal, 'abort'), ...ends]);
}

// Who waits for the start hears of its failure.
function ignore() {}
