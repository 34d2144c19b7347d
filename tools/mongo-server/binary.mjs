// Finds out whether a file is a mongod that runs here, and if not, says what is missing in words that help.
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packages = [
  [/^libcurl\.so\.4/, 'libcurl4'],
  [/^lib(ssl|crypto)\.so\.3/, 'libssl3'],
  [/^lib(ssl|crypto)\.so\.1\.1/, 'libssl1.1'],
  [/^liblzma\.so\.5/, 'liblzma5'],
];

/** The version of this mongod; an error with the reason if it does not run. */
export async function versionOf(binary) {
  try {
    const { stdout } = await run(binary, ['--version'], { timeout: 30_000, windowsHide: true });
    const version = /db version v(\S+)/.exec(stdout)?.[1];
    if (version) return version;
  } catch (error) {
    throw new Error(`${binary} does not run: ${reasonOf(error)}`, { cause: error });
  }
  throw new Error(`${binary} is no mongod: --version does not say "db version"`);
}

function reasonOf(error) {
  if (error.signal === 'SIGILL')
    return 'this processor lacks an instruction set it needs (MongoDB 5 and later need AVX)';
  const output = (error.stderr ?? '').trim();
  const library = /error while loading shared libraries: ([^\s:]+)/.exec(output)?.[1];
  if (!library) return output || error.message;
  const name = packages.find(([pattern]) => pattern.test(library))?.[1];
  if (!name) return `the system library ${library} is missing`;
  return `the system library ${library} is missing (on Debian and Ubuntu: apt-get install ${name})`;
}

/** The first executable of this name on env.PATH. */
export function findOnPath(name, env, platform = process.platform) {
  const file = platform === 'win32' ? `${name}.exe` : name;
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
