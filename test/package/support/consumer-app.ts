// One run of a consumer's compiled app, in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';

export type Platform = 'express' | 'fastify';

export interface ConsumerApp {
  readonly url: string;
  /** Asks the app to close and waits for its process to end by itself: its status, and all that it printed to stderr. */
  close(): Promise<{ status: number | null; stderr: string }>;
}

export async function startConsumer(
  folder: string,
  platform: Platform,
  mongoUri: string,
  dist = 'dist',
): Promise<ConsumerApp> {
  const child = spawn(process.execPath, [`${dist}/main.js`, platform], {
    cwd: folder,
    env: { PATH: process.env['PATH'], MONGODB_URI: mongoUri },
    stdio: 'pipe',
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const url = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data').then(([line]) => (line as string).trim()),
    ended.then(([status]) => {
      throw new Error(`the app ended with status ${status} before it listened:\n${stderr}`);
    }),
  ]);
  return {
    url,
    async close() {
      child.stdin.end();
      const [status] = await ended;
      clearTimeout(deadline);
      return { status, stderr };
    },
  };
}

const PACKAGES: Readonly<Record<Platform, readonly string[]>> = {
  express: ['express', '@nestjs/platform-express'],
  fastify: ['fastify', '@nestjs/platform-fastify'],
};

/** Takes a platform's packages away while `work` runs, as if they had never been installed. */
export async function without<T>(platform: Platform, folder: string, work: () => Promise<T>): Promise<T> {
  const modules = join(folder, 'node_modules');
  const away = (name: string) => join(modules, `.away-${name.replace('/', '-')}`);
  for (const name of PACKAGES[platform]) await rename(join(modules, name), away(name));
  try {
    return await work();
  } finally {
    for (const name of PACKAGES[platform]) await rename(away(name), join(modules, name));
  }
}
