// Packs the library as `npm publish` would and installs the tarball, with its peers, in a temporary copy of each consumer.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { codeBlocks } from '../../support/doc-code.js';

declare module 'vitest' {
  interface ProvidedContext {
    packed: {
      /** Names of the files in the tarball. */
      files: string[];
      /** Folder with the consumers, each with the tarball in its node_modules. */
      consumers: string;
    };
  }
}

const root = resolve(import.meta.dirname, '../../..');
const sources = join(root, 'test/package/consumers');
const run = promisify(execFile);

export default async function setup(project: TestProject) {
  const work = await mkdtemp(join(tmpdir(), 'nms-package-'));
  try {
    const { filename, files } = await pack(work);
    const folders = (await readdir(sources, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    await Promise.all(folders.map(({ name }) => install(join(work, name), join(sources, name), join(work, filename))));
    project.provide('packed', { files, consumers: work });
  } catch (error) {
    await remove(work);
    throw error;
  }
  return () => remove(work);
}

async function pack(work: string): Promise<{ filename: string; files: string[] }> {
  await npm(root, 'run', 'build');
  const output = await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', work);
  const [packed] = JSON.parse(output) as [{ filename: string; files: { path: string }[] }];
  return { filename: packed.filename, files: packed.files.map(({ path }) => path) };
}

async function install(folder: string, source: string, tarball: string): Promise<void> {
  const shared = (await readdir(sources, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (const { name } of shared) await cp(join(sources, name), join(folder, name));
  await cp(source, folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    jest?: object;
  };
  manifest.dependencies['nestjs-mongo-sessions'] = `file:${tarball}`;
  if (manifest.jest) Object.assign(manifest.jest, jestSettings());
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock');
}

/** As docs/16-testing.md has them. */
function jestSettings(): object {
  const block = codeBlocks('json').find(({ text }) => text.includes('transformIgnorePatterns'));
  if (!block) throw new Error('The docs have no settings for Jest: a json block with transformIgnorePatterns.');
  return JSON.parse(block.text) as object;
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('npm', args, { cwd, shell: process.platform === 'win32', maxBuffer: 2 ** 24 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
