// Real servers: that they work, and that nothing of them is left however their caller ends.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { start, type MongoServer } from '../../tools/mongo-server.mjs';

const { MongoClient } = mongoose.mongo;
const tool = fileURLToPath(new URL('../../tools/mongo-server.mjs', import.meta.url));
// These tests are about servers of the tool's own, also in a run that is given one.
const { MONGODB_URI: _given, ...env } = process.env;
const quiet = () => {};

async function ask<T>(uri: string, work: (admin: mongoose.mongo.Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 15_000 });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

/** Where a server keeps its data, its process, and the process that looks after it. */
async function tracesOf(uri: string) {
  const [command, status] = await ask(uri, (admin) =>
    Promise.all([admin.command({ getCmdLineOpts: 1 }), admin.command({ serverStatus: 1 })]),
  );
  const pid = Number(status['pid']);
  const parent = Number((await look(pid))?.parent);
  return { directory: dirname(String(command['parsed'].storage.dbPath)), pid, parent };
}

/** What the system says of a process. Slim images of Linux have no `ps`. */
async function look(pid: number) {
  try {
    const fields =
      process.platform === 'linux'
        ? (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '')
        : (await promisify(execFile)('ps', ['-o', 'stat=,ppid=', '-p', `${pid}`])).stdout;
    const [state = '', parent] = fields.trim().split(/\s+/);
    return { state, parent };
  } catch {
    return undefined;
  }
}

async function runs(pid: number) {
  const found = await look(pid);
  // A zombie has ended; whether it is collected is up to the first process of the machine.
  return found !== undefined && !found.state.startsWith('Z');
}

async function expectNothingLeft({ directory, pid, parent }: Awaited<ReturnType<typeof tracesOf>>) {
  await expect
    .poll(async () => [existsSync(directory), await runs(pid), await runs(parent)], { timeout: 20_000 })
    .toEqual([false, false, false]);
}

const primaryOf = (server: MongoServer) =>
  ask(server.uri, async (admin) => {
    const { me } = await admin.command({ hello: 1 });
    return server.members.find((member) => me === `127.0.0.1:${member.port}`);
  });

const states = (server: MongoServer) =>
  ask(server.uri, async (admin) => {
    const { members } = await admin.command({ replSetGetStatus: 1 });
    return (members as { stateStr: string }[]).map((member) => member.stateStr).toSorted();
  });

// `ps` and signals are those of Unix. Starting takes half a second here, and may take long on a busy machine.
const options = { skip: process.platform === 'win32', timeout: 60_000 };

describe('start()', options, () => {
  test('gives a replica set of one that takes writes, on 127.0.0.1 only, and stop() leaves nothing', async () => {
    const lines: string[] = [];
    const server = await start({ env, log: (line) => lines.push(line) });
    try {
      expect(server).toMatchObject({ failpoints: true, members: [{ pid: expect.any(Number) }] });
      expect(lines.at(-1)).toContain(`MongoDB ${server.version}`);
      expect(lines.at(-1)).toContain(server.uri);
      const command = await ask(server.uri, (admin) => admin.command({ getCmdLineOpts: 1 }));
      expect(command['parsed'].net.bindIp).toBe('127.0.0.1');
    } finally {
      const traces = await tracesOf(server.uri);
      await Promise.all([server.stop(), server.stop()]);
      await expectNothingLeft(traces);
    }
  });

  test('gives a server that is no replica set', async () => {
    const server = await start({ env, log: quiet, alone: true });
    try {
      const hello = await ask(server.uri, (admin) => admin.command({ hello: 1 }));
      expect([hello['setName'], hello['isWritablePrimary']]).toEqual([undefined, true]);
      await expect(start({ env, alone: true, members: 2 })).rejects.toThrow('no other members');
    } finally {
      await server.stop();
    }
  });

  test('restarts a killed member with its data', async () => {
    const server = await start({ env, log: quiet, durable: true, failpoints: false });
    try {
      const things = { w: 'majority' } as const;
      await ask(server.uri, (admin) => admin.client.db('a').collection('a').insertOne({}, { writeConcern: things }));
      const [member] = server.members;
      const pid = member?.pid;
      await member?.kill();
      expect(member?.pid).toBeUndefined();
      await member?.restart();
      expect(member?.pid).not.toBe(pid);
      const count = await ask(server.uri, (admin) => admin.client.db('a').collection('a').countDocuments());
      expect(count).toBe(1);
      await expect(
        ask(server.uri, (admin) => admin.command({ configureFailPoint: 'x', mode: 'off' })),
      ).rejects.toThrow();
    } finally {
      await server.stop();
    }
  });

  test('three members elect a primary, and another one when it dies', async () => {
    const server = await start({ env, log: quiet, members: 3 });
    try {
      expect(await states(server)).toEqual(['PRIMARY', 'SECONDARY', 'SECONDARY']);
      const before = await primaryOf(server);
      await before?.kill('SIGKILL');
      const after = await primaryOf(server);
      expect(after).toBeDefined();
      expect(after).not.toBe(before);
      await before?.restart();
      await expect.poll(() => states(server), { timeout: 20_000 }).toEqual(['PRIMARY', 'SECONDARY', 'SECONDARY']);
    } finally {
      await server.stop();
    }
  });

  test('uses the server of MONGODB_URI and leaves it alone', async () => {
    const { uri, version } = inject('mongo');
    const lines: string[] = [];
    const server = await start({ env: { MONGODB_URI: uri }, log: (line) => lines.push(line) });
    expect(server).toMatchObject({ uri, version, kind: 'uri', failpoints: inject('mongo').failpoints, members: [] });
    await server.stop();
    expect(await ask(uri, (admin) => admin.command({ ping: 1 }))).toMatchObject({ ok: 1 });
    expect(lines.join()).toContain(version);
  });

  test('says why the server of MONGODB_URI can not be used, without its password', async () => {
    const wrong = 'mongodb://me:secret@127.0.0.1:1/?serverSelectionTimeoutMS=100';
    const error = await start({ env: { MONGODB_URI: wrong }, log: quiet }).catch((reason: Error) => reason.message);
    expect(error).toMatch(/^MONGODB_URI is mongodb:\/\/\*\*\*@127\.0\.0\.1:1\/.*can not be used: .*ECONNREFUSED/);
    expect(error).not.toContain('secret');
  });
});

describe('a caller that ends without stop()', options, () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'mongo-caller-'));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  /** Runs a caller that prints the address of its server. */
  async function call(args: string[], detached: boolean) {
    const caller = spawn(process.execPath, args, {
      detached,
      env: { ...env, TMPDIR: temporary },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(caller, 'exit');
    const [uri] = (await once(createInterface(caller.stdout), 'line')) as [string];
    return { caller, ended, pid: Number(caller.pid), traces: await tracesOf(uri) };
  }

  /** A caller in a process group of its own, as a terminal makes one. It ends with its input, so also with this run. */
  const callLibrary = (last = '') =>
    call(
      [
        '--input-type=module',
        '--eval',
        `const { start } = await import(${JSON.stringify(pathToFileURL(tool).href)});
         const server = await start({ log() {} });
         console.log(server.uri);
         for await (const _line of process.stdin);
         ${last}`,
      ],
      true,
    );

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s leaves nothing', async (signal) => {
    const { pid, ended, traces } = await callLibrary();
    process.kill(-pid, signal);
    expect(await ended).toEqual([null, signal]);
    await expectNothingLeft(traces);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each([
    ['process.exit', 'process.exit(3)', 3],
    ['a crash', 'throw new Error("crash")', 1],
    ['nothing more to do', '', 0],
  ])('%s leaves nothing', async (_name, last, code) => {
    const { caller, ended, traces } = await callLibrary(last);
    caller.stdin.end();
    expect(await ended).toEqual([code, null]);
    await expectNothingLeft(traces);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('Ctrl-C on the script ends it when all is gone', async () => {
    const { pid, ended, traces } = await call([tool], false);
    process.kill(pid, 'SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(temporary)).toEqual([]);
    await expectNothingLeft(traces);
  });
});
