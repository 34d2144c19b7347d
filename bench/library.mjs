import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from './options.mjs';

/** The library as it is built, for that is what users run. */
export function builtLibrary() {
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const sources = fileURLToPath(new URL('../lib', import.meta.url));
  const builtAt = timeOf(built);
  if (builtAt === undefined) throw new UsageError('There is no build to measure: npm run build');
  const isOlder = readdirSync(sources, { recursive: true }).some((name) => timeOf(join(sources, name)) > builtAt);
  if (isOlder) console.error('The build is older than lib: this measures what was built. (npm run build)');
  return built;
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
