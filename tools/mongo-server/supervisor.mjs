// Runs detached beside the caller and owns all that a MongoDB for tests leaves behind: the mongod processes are its
// children, the temporary directory is its own. However the caller ends (Ctrl-C, a crash, process.exit, SIGKILL), the
// IPC channel closes, and this process ends the servers and removes the directory. One mechanism for every case.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Signals that end a mongod, so that whoever sends one wants to know when it is gone.
const ending = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT']);
const directory = mkdtempSync(join(tmpdir(), 'mongo-server-'));
const running = new Map();

const logOf = (member) => join(directory, `${member}.log`);

async function run({ member, command, args }) {
  const data = join(directory, member);
  mkdirSync(data, { recursive: true });
  const log = openSync(logOf(member), 'a');
  const child = spawn(command, [...args, '--dbpath', data], { stdio: ['ignore', log, log], windowsHide: true });
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(member);
      const tail = readFileSync(logOf(member), 'utf8').trimEnd().split('\n').slice(-8).join('\n');
      if (process.connected) process.send({ exited: member, code, signal, tail });
      resolve();
    });
  });
  running.set(member, { child, exited });
  return child.pid;
}

async function kill({ member, signal }) {
  const server = running.get(member);
  if (!server) return;
  server.child.kill(signal);
  if (ending.has(signal)) await server.exited;
}

// The data goes with the servers, so there is nothing to flush: SIGKILL is the quick and certain way.
async function end() {
  await Promise.all([...running.keys()].map((member) => kill({ member, signal: 'SIGKILL' })));
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

let ended;
const endOnce = () => (ended ??= end());
const leave = () => void endOnce().finally(() => process.exit());

const actions = { open: async () => directory, run, kill, end: endOnce };

process.on('message', ({ id, action, ...input }) => {
  actions[action](input).then(
    (value) => process.connected && process.send({ id, value }),
    (error) => process.connected && process.send({ id, error: error.message }),
  );
});
process.on('disconnect', leave);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave);
// The caller may have died before the listener above was there.
if (!process.connected) leave();
