// Compiles the app of the proof, for it runs in processes of its own, which can be killed.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/ladder/proof/tsconfig.json'], {
    cwd: root,
    stdio: 'inherit',
  });
}
