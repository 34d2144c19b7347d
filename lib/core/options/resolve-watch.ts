import { booleanAt, durationAt, objectAt, optionError, refuseUnknown, withDefaults } from '../option-checks.js';
import type { ResolvedOptions } from './resolved-options.interface.js';
import { WatchOptions } from './watch-options.js';

const MIN_POLL_MS = 100;
const MAX_POLL_MS = 60_000;

export function resolveWatch(given: WatchOptions | undefined): ResolvedOptions['watch'] {
  const defaults = new WatchOptions();
  const watch = withDefaults(defaults, objectAt('watch', given));
  refuseUnknown('watch.', watch, Object.keys(defaults));
  const every = durationAt('watch.every', watch.every);
  if (every < MIN_POLL_MS || every > MAX_POLL_MS)
    throw optionError('watch.every', watch.every, "Give a duration from '100ms' to '1m'.");
  return Object.freeze({ every, changeStream: booleanAt('watch.changeStream', watch.changeStream) });
}
