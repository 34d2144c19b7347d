// Builds a sample the way its user would have it, and runs it: the demo and the browser's test share it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Where the native compiler is. Its launcher can't be stopped half-way: the compiler would go on.
import getCompilerPath from '../../node_modules/typescript-7/lib/getExePath.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache');
const launcher = fileURLToPath(new URL('launch.mjs', import.meta.url));
const prefix = 'sample-';
const stopDeadlineMs = 3000;
const HOUR_MS = 3_600_000;

/**
 * Copies the sample, puts the library as built from lib/ into the copy's node_modules, and compiles it there. Nothing in the
 * clone changes, so that several may do so at once; all else that the sample needs is found in the clone's node_modules.
 */
export async function buildSample(name, { signal } = {}) {
  await mkdir(cache, { recursive: true });
  await removeAbandoned();
  const folder = await mkdtemp(join(cache, `${prefix}${process.pid}-`));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const library = join(folder, 'node_modules', 'nestjs-mongo-sessions');
    const source = join(root, 'sample', name);
    await cp(source, folder, { recursive: true, filter: (file) => !['node_modules', 'dist'].includes(basename(file)) });
    await cp(await builtLibrary(signal), library, { recursive: true });
    await compile(['-p', folder], signal);
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The library, built once for each state of its sources: every sample needs it, and it takes half of the time. */
async function builtLibrary(signal) {
  const folder = join(cache, `library-${await hashOfSources()}`);
  if (existsSync(folder)) return folder;
  const own = await mkdtemp(join(cache, `${prefix}${process.pid}-`));
  try {
    // Its types are the business of `npm run check`; leaving them out here takes half the time and emits the same.
    await compile(['-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', join(own, 'dist')], signal);
    await cp(join(root, 'package.json'), join(own, 'package.json'));
    await removeOldLibraries();
    await rename(own, folder);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Of other states. What is younger than an hour may be copied at this moment. */
async function removeOldLibraries() {
  const names = (await readdir(cache)).filter((name) => name.startsWith('library-'));
  for (const path of names.map((name) => join(cache, name))) {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > HOUR_MS) await rm(path, { recursive: true, force: true });
  }
}

async function hashOfSources() {
  const hash = createHash('sha256');
  const sources = await readdir(join(root, 'lib'), { recursive: true });
  const files = sources.filter((file) => file.endsWith('.ts')).map((file) => join('lib', file));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json', ...files.toSorted()])
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Starts a built sample on a free port of 127.0.0.1; `main` says which of its programs. */
export async function startApp({ folder, platform, uri, signal, main = 'main.js' }) {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [launcher, join(folder, 'dist', main)], {
    cwd: folder,
    env: { ...process.env, PLATFORM: platform, MONGODB_URI: uri, HOST: '127.0.0.1', PORT: '0', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  });
  const ended = once(child, 'close');
  let output = '';
  let found;
  const listening = new Promise((resolve) => (found = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      const url = /^Listening on (\S+)/m.exec(output)?.[1];
      if (url) found(url);
    });
  }
  const stop = async () => {
    const deadline = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(deadline);
  };
  signal?.addEventListener('abort', stop, { once: true });
  const url = await Promise.race([
    listening,
    ended.then(() => {
      signal?.throwIfAborted();
      throw new Error(`the sample ended before it listened:\n${output.trim()}`);
    }),
  ]);
  return { platform, url, ended, stop, output: () => output };
}

/** Runs the TypeScript compiler. Its messages are the error when it finds some. */
async function compile(args, signal) {
  signal?.throwIfAborted();
  const child = spawn(getCompilerPath(), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (status !== 0) throw new Error(`tsc ${args.join(' ')} failed:\n${output.trim()}`);
}

// A killed run can't remove its folder; the folder's name says whose it was.
async function removeAbandoned() {
  for (const name of await readdir(cache)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid && !runs(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
