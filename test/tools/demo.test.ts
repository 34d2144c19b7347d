// The demo as its user runs it: that its tour passes, that it prints no token, and that nothing of it is left.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, '.cache');
const demo = join(root, 'tools/demo.mjs');
// The variables of this run are not meant for the demo, and what it is given is said below.
const { MONGODB_URI: _given, NODE_OPTIONS: _options, ...env } = process.env;

interface Process {
  pid: number;
  parent: number;
  state: string;
}

/** All that runs on this machine. Slim images of Linux have no `ps`. */
async function processes(): Promise<Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
    return stdout.split('\n').map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return [{ pid: Number(name), parent: Number(fields[1]), state: fields[0]! }];
    } catch {
      // It has ended since the folder was read.
      return [];
    }
  });
}

async function descendantsOf(pid: number): Promise<number[]> {
  const all = await processes();
  const found = [pid];
  // It grows while it is walked through.
  for (const ancestor of found) found.push(...all.filter(({ parent }) => parent === ancestor).map((each) => each.pid));
  return found;
}

async function running(pids: readonly number[]): Promise<number[]> {
  // A zombie has ended; whether it is collected is up to the first process of the machine.
  const alive = (await processes()).filter(({ state }) => !state.startsWith('Z')).map(({ pid }) => pid);
  return pids.filter((pid) => alive.includes(pid));
}

// Signals and process groups are those of Unix. The demo compiles twice, which takes long on a busy machine.
describe('npm run demo', { skip: process.platform === 'win32', timeout: 120_000 }, () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'demo-caller-'));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  const runDemo = (args: string[], given?: NodeJS.ProcessEnv) => run(process.execPath, [demo, ...args], given);

  function run(command: string, args: string[], given: NodeJS.ProcessEnv = {}) {
    // In a process group of its own, as a terminal makes one.
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...env, TMPDIR: temporary, ...given },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const readers = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        for (const read of readers) read();
      });
    }
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    const said = (text: string) =>
      Promise.race([
        new Promise<void>((done) => {
          const read = () => output.includes(text) && done();
          readers.add(read);
          read();
        }),
        ended.then(() => Promise.reject(new Error(`it ended without saying '${text}':\n${output}`))),
      ]);
    return { pid: child.pid!, ended, said, output: () => output };
  }

  /** Files that a demo of this process id would leave: in the system's temporary folder, and in the clone's cache. */
  const filesOf = (pid: number) => [
    ...readdirSync(temporary),
    ...readdirSync(cache).filter((name) => name.startsWith(`sample-${pid}-`)),
  ];

  test('-- --exit shows the tour on both platforms, ends with its counts, and leaves the given server as it was', async () => {
    const { uri } = inject('mongo');
    const { pid, ended, output } = runDemo(['--exit'], { MONGODB_URI: uri });
    expect(await ended, output()).toEqual([0, null]);

    const lines = output().trimEnd().split('\n');
    const checks = lines.filter((line) => line.trimStart().startsWith('✓')).length;
    expect(lines.at(-1)).toBe(`${checks} passed, 0 failed`);
    expect(checks).toBeGreaterThan(40);
    expect(output()).toMatch(
      /^=== Express, at http:\/\/127\.0\.0\.1:\d+$[^]*^=== Fastify, at http:\/\/127\.0\.0\.1:\d+$/m,
    );
    // Cookies are shown, and none that could be used: a secret has 43 characters.
    expect(output()).toMatch(/Set-Cookie: id=[\w-]{6}…[\w-]{4}; Path=\/; HttpOnly; SameSite=Lax/);
    expect(output()).not.toMatch(/[\w-]{40}/);
    expect(output()).not.toContain('analytical-engine');

    expect(filesOf(pid)).toEqual([]);
    const client = new mongoose.mongo.MongoClient(uri);
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    await client.close();
    expect(databases.filter(({ name }) => name.startsWith('nms_demo_'))).toEqual([]);
  });

  test('says why it can not start, and ends with 1', async () => {
    const { pid, ended, output } = runDemo(['--exit'], { MONGOD_BIN: join(temporary, 'mongod') });
    expect(await ended).toEqual([1, null]);
    expect(output()).toMatch(/MONGOD_BIN is .* but there is no such file/);
    expect(output().trimEnd()).toMatch(/\n0 passed, 1 failed$/);
    expect(filesOf(pid)).toEqual([]);
  });

  test.each([
    ['at once', 'Starting MongoDB', 130],
    ['after the tour', 'Both apps stay up', 0],
  ])('Ctrl-C %s leaves no process and no file', async (_when, text, status) => {
    const { pid, ended, said } = runDemo([]);
    await said(text);
    const pids = await descendantsOf(pid);
    // MongoDB, the process that looks after it, and the sample on two platforms.
    if (status === 0) expect(pids.length).toBeGreaterThanOrEqual(5);
    // As a terminal does it: everything of the group gets the signal.
    process.kill(-pid, 'SIGINT');
    expect(await ended).toEqual([status, null]);
    expect(await running(pids)).toEqual([]);
    expect(filesOf(pid)).toEqual([]);
  });

  test('a signal for the demo alone, while it compiles beside MongoDB, ends what it has started', async () => {
    const { pid, ended, said } = runDemo([]);
    await said('mongo-server: MongoDB');
    const pids = await descendantsOf(pid);
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(await running(pids)).toEqual([]);
    expect(filesOf(pid)).toEqual([]);
  });

  test('a signal for npm alone, whose shell passes none on, ends the demo in the middle of its tour', async () => {
    const { pid, ended, said } = run('npm', ['run', 'demo']);
    await said('1. First visit');
    const pids = await descendantsOf(pid);
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await running(pids)).toEqual([]);
    expect(pids.flatMap(filesOf)).toEqual([]);
  });
});
