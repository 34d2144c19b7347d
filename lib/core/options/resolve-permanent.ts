import { durationAt, objectAt, optionError, refuseUnknown, withDefaults } from '../option-checks.js';
import type { ResolvedOptions } from './resolved-options.interface.js';
import { refuseInverted } from './refuse-inverted.js';
import { PermanentOptions } from './session-options.js';
import type { ProfileLimits } from './session-profiles.js';

export function resolvePermanent(
  given: PermanentOptions | undefined,
  profile: ProfileLimits | undefined,
): ResolvedOptions['permanent'] {
  const defaults = { ...new PermanentOptions(), ...profile?.permanent };
  const permanent = withDefaults<PermanentOptions>(defaults, objectAt('permanent', given));
  refuseUnknown('permanent.', permanent, Object.keys(new PermanentOptions()));
  const idleTimeout = durationAt('permanent.idleTimeout', permanent.idleTimeout);
  const absoluteTimeout = durationAt('permanent.absoluteTimeout', permanent.absoluteTimeout);
  refuseInverted('permanent.idleTimeout', idleTimeout, 'permanent.absoluteTimeout', absoluteTimeout);
  return { idleTimeout, absoluteTimeout, initial: initialAt(permanent.always, idleTimeout) };
}

/** The idle time with which every session begins, in milliseconds. */
function initialAt(given: unknown, idleTimeout: number): number | undefined {
  if (given === false) return undefined;
  if (given === true) return idleTimeout;
  if (typeof given !== 'number' && typeof given !== 'string')
    throw optionError('permanent.always', given, "Give true, false, or the idle time to begin with, such as '7d'.");
  const initial = durationAt('permanent.always', given);
  refuseInverted('permanent.always', initial, 'permanent.idleTimeout', idleTimeout);
  return initial;
}
