// Which of the supported peers this run has: `npm run peers:previous` puts Nest 11 and mongoose 8 in the place of the newest.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

function majorOf(name: string): number {
  const { version } = require(`${name}/package.json`) as { version: string };
  return Number.parseInt(version, 10);
}

/** Nest 12 streams what a generator yields, and takes routes of an Express adapter after the start; Nest 11 does neither. */
export const HAS_NEST_12 = majorOf('@nestjs/core') >= 12;

/** mongoose 8 gives no Buffer field that is left out by default, not even when it is asked for by name; mongoose 9 does. */
export const HAS_MONGOOSE_9 = majorOf('mongoose') >= 9;
