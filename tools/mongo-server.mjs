// Gives tests, the demo and the benchmark a MongoDB: one that is already there, or a replica set of its own on
// 127.0.0.1 that vanishes with its caller. As a script it stays until Ctrl-C:
//   node tools/mongo-server.mjs [--members 3] [--durable] [--no-failpoints]
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { locate } from './mongo-server/locate.mjs';
import { freePorts } from './free-ports.mjs';
import { describe, initiate, ready } from './mongo-server/replica-set.mjs';
import { supervise } from './mongo-server/supervise.mjs';

export { locate };

const setName = 'rs0';
const deadlineMs = 60_000;
// What mongod ends with when its port is taken: someone else was quicker.
const portTaken = 48;

export async function start(options = {}) {
  const {
    members = 1,
    alone = false,
    durable = false,
    failpoints = true,
    auth = false,
    log = console.log,
    env,
  } = options;
  if (!Number.isInteger(members) || members < 1)
    throw new Error(`members must be a whole number from 1, not ${members}`);
  if (alone && members > 1) throw new Error(`a server that is alone has no other members, but members is ${members}`);
  if (auth && !alone) throw new Error('access control needs a server that is alone: `auth` goes with `alone`');
  const say = (line) => log(`mongo-server: ${line}`);
  const found = await locate({ env, log: say });
  if (found.kind === 'uri') return given(found.uri, say);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const server = await launch(found, { members, alone, durable, failpoints, auth });
      say(`MongoDB ${server.version} (${found.kind}: ${found.binary}), ${members} member(s), ${server.uri}`);
      return server;
    } catch (error) {
      if (error.exitCode !== portTaken || attempt === 3) throw error;
    }
  }
}

async function given(uri, say) {
  const shown = uri.replace(/\/\/[^@/]*@/, '//***@');
  try {
    const { version, failpoints } = await describe(uri);
    say(`MongoDB ${version} at ${shown} (MONGODB_URI), failpoints ${failpoints ? 'work' : 'do not work'}`);
    return { uri, version, kind: 'uri', failpoints, members: [], stop: async () => {} };
  } catch (error) {
    throw new Error(`MONGODB_URI is ${shown}, but it can not be used: ${error.message}`, { cause: error });
  }
}

async function launch({ kind, binary }, { members: count, alone, durable, failpoints, auth }) {
  const pids = new Map();
  const deaths = new Map();
  const supervisor = await supervise(({ exited, code, signal, tail }) => {
    const error = new Error(`mongod ended early with ${signal ?? `code ${code}`}:\n${tail}`);
    pids.delete(exited);
    deaths.set(exited, Object.assign(error, { exitCode: code }));
  });
  const waitFor = (ports) => ({
    deadline: Date.now() + deadlineMs,
    check() {
      for (const port of ports) if (deaths.has(`${port}`)) throw deaths.get(`${port}`);
    },
  });
  const run = async (port) => {
    deaths.delete(`${port}`);
    pids.set(`${port}`, await supervisor.run(`${port}`, binary, argumentsFor(port, { alone, failpoints, auth })));
  };
  try {
    const ports = await freePorts(count);
    await Promise.all(ports.map(run));
    if (alone) await ready(ports[0], waitFor(ports));
    else await initiate(setName, ports, { durable, ...waitFor(ports) });
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const uri = `mongodb://${hosts}/${alone ? '' : `?replicaSet=${setName}`}`;
    const members = ports.map((port) => ({
      port,
      get pid() {
        return pids.get(`${port}`);
      },
      kill: (signal = 'SIGKILL') => supervisor.kill(`${port}`, signal),
      async restart() {
        await supervisor.kill(`${port}`, 'SIGKILL');
        await run(port);
        await ready(port, waitFor([port]), { primary: count === 1 });
      },
    }));
    const { version } = await describe(uri);
    return { uri, version, kind, failpoints, members, stop: () => supervisor.end() };
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

function argumentsFor(port, { alone, failpoints, auth }) {
  const parameters = ['ttlMonitorSleepSecs=1', 'diagnosticDataCollectionEnabled=false'];
  if (failpoints) parameters.push('enableTestCommands=1');
  return [
    ...['--bind_ip', '127.0.0.1', '--port', `${port}`, ...(alone ? [] : ['--replSet', setName])],
    ...(auth ? ['--auth'] : []),
    ...['--oplogSize', '64', '--wiredTigerCacheSizeGB', '0.25'],
    ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    ...parameters.flatMap((parameter) => ['--setParameter', parameter]),
  ];
}

async function main() {
  const { values } = parseArgs({
    options: {
      members: { type: 'string', default: '1' },
      durable: { type: 'boolean', default: false },
      'no-failpoints': { type: 'boolean', default: false },
    },
  });
  // The address alone goes to stdout, so that another program can read it.
  const server = await start({
    members: Number(values.members),
    durable: values.durable,
    failpoints: !values['no-failpoints'],
    log: console.error,
  });
  console.log(server.uri);
  const stay = setInterval(() => {}, 2 ** 30);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(stay);
      void server.stop();
    });
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
