// The caller's end of the supervisor process: sends it commands and hears of servers that ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('supervisor.mjs', import.meta.url));

export async function supervise(onExit) {
  // `detached`: a Ctrl-C in the terminal reaches the caller only, and the supervisor cleans up after it.
  // The caller's NODE_OPTIONS (debugger, coverage, loaders) are not meant for it.
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const child = spawn(process.execPath, [program], {
    cwd: tmpdir(),
    detached: true,
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
  const gone = once(child, 'exit').catch(() => undefined);
  const waiting = new Map();
  let lastId = 0;

  child.on('message', ({ id, value, error, ...event }) => {
    if (event.exited) onExit(event);
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    if (waiting.size === 0) child.channel?.unref();
    if (error === undefined) call.resolve(value);
    else call.reject(new Error(error));
  });
  const fail = (reason) => {
    for (const call of waiting.values()) call.reject(new Error(`the supervisor of mongod ${reason}`));
    waiting.clear();
  };
  child.on('error', (error) => fail(`could not be started: ${error.message}`));
  child.on('exit', () => fail('ended unexpectedly'));
  // A script that has nothing else to do may end without stop(): only an open call keeps it alive.
  child.unref();
  child.channel?.unref();

  const call = (action, input = {}) =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error('the supervisor of mongod is gone'));
      waiting.set((lastId += 1), { resolve, reject });
      child.channel.ref();
      child.send({ id: lastId, action, ...input });
    });

  let ending;
  const end = async () => {
    if (!child.connected) return;
    await call('end');
    child.ref();
    child.disconnect();
    await gone;
  };

  return {
    directory: await call('open'),
    run: (member, command, args) => call('run', { member, command, args }),
    kill: (member, signal) => call('kill', { member, signal }),
    end: () => (ending ??= end()),
  };
}
