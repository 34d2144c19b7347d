// What the long tests have measured, for tools/proof to write docs/94-proof.md from.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the whole matrix is wanted: `npm run test:proof`. */
export const isProof = process.env['PROOF'] === '1';

/** Keeps it as `<name>.json` in the folder PROOF_OUT, if there is one. */
export function writeProof(name: string, measured: object): void {
  const folder = process.env['PROOF_OUT'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(measured, undefined, 2));
}
