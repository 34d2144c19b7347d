// What holds in plain has to hold encrypted too, on both platforms.
import { randomBytes } from 'node:crypto';
import { PLATFORMS } from './http.js';

const ENCRYPTIONS = [
  ['plain', undefined],
  ['encrypted', { keys: [randomBytes(32)], hideKeyNames: true }],
] as const;

/** Platform, name of the encryption, and the option. */
export const ENCRYPTION_CASES = PLATFORMS.flatMap((platform) =>
  ENCRYPTIONS.map(([kind, keys]) => [platform, kind, keys] as const),
);
