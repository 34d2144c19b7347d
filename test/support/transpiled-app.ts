// An app of a test in a process of its own, which a mistake may end. Transpiled file by file, because Node 20 takes no TypeScript.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface AppInProcess {
  readonly origin: string;
  /** The exit code or signal, once it has ended. */
  readonly end: string | undefined;
}

/** Starts a program of `test/` before the tests of a `describe`; it says its origin to its parent. Gone after them. */
export function appInProcess(file: string, env: () => Record<string, string>): () => AppInProcess {
  const folder = join(root, '.cache', `app-${process.pid}-${file.replaceAll(/\W/g, '-')}`);
  let child: ChildProcess | undefined;
  const app: { origin: string; end: string | undefined } = { origin: '', end: undefined };
  beforeAll(async () => {
    transpileTo(folder, file);
    // The settings of the test runner are not meant for it.
    const { NODE_OPTIONS: _options, ...inherited } = process.env;
    child = fork(join(folder, file.replace(/\.ts$/, '.js')), { env: { ...inherited, ...env() } });
    const exit = once(child, 'exit').then(([code, signal]) => (app.end = String(code ?? signal)));
    const [origin] = (await Promise.race([once(child, 'message'), exit])) as [string];
    app.origin = origin;
  });
  afterAll(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return () => app;
}

/** Files of `test/` and the library, as JavaScript in that folder. */
export function transpileTo(folder: string, ...files: readonly string[]): void {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson((config as { compilerOptions: object }).compilerOptions, root);
  // It would ask the nearest package.json, of which it knows nothing here.
  const compilerOptions = { ...options, module: ts.ModuleKind.ES2022 };
  const library = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('lib', path));
  for (const path of [...library, ...files]) {
    const fileName = join(root, path);
    const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), { compilerOptions, fileName });
    const target = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}
