import type { mongo } from 'mongoose';
import { SessionError } from '../../core/errors.js';

/**
 * The driver of an older mongoose takes no signal, so no operation could end at its deadline. The
 * app's connection may be of another copy of mongoose than this package's.
 */
export function refuseOldMongoose(version: string): void {
  if (!/^([0-7]|8\.\d)\./.test(version)) return;
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    `mongoose ${version} is too old: sessions need 8.10 or newer. Update it with \`npm install mongoose@8\` (or @9).`,
  );
}

/** The same for a client of the driver itself: 6.13 is the driver of mongoose 8.10. */
export function refuseOldDriver({ options }: mongo.MongoClient): void {
  // From 7 on it is a promise.
  const { metadata } = options as { metadata?: { driver?: { version?: unknown } } };
  const version = String(metadata?.driver?.version);
  if (!/^([0-5]|6\.(\d|1[0-2]))\./.test(version)) return;
  throw new SessionError(
    'SESSION_OPTION_INVALID',
    `The MongoDB driver ${version} of the client is too old: sessions need 6.13 or newer. ` +
      "Update it with `npm install mongodb@6`, or create the client from mongoose's copy (`new mongoose.mongo.MongoClient(...)`).",
  );
}
