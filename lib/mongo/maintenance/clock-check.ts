import type { Clock } from '../../core/clock.interface.js';
import { PLAIN_ANSWERS } from '../documents/bson-codec.js';
import { clientOf } from '../connection/client-state.js';
import type { SessionCollection } from '../documents/session-document.interface.js';
import type { StoreLog } from '../store-log.interface.js';

const MAX_DIFFERENCE_MS = 60_000;

/**
 * Warns if the clocks of this app and of MongoDB differ much: MongoDB removes by its own clock what
 * has expired by the app's. The index leaves an hour for that. Rejects if the server can't be
 * asked.
 */
export async function checkClock(collection: SessionCollection, clock: Clock, log: StoreLog): Promise<void> {
  const before = clock.now();
  const { localTime } = await clientOf(collection)!.db('admin').command({ hello: 1 }, PLAIN_ANSWERS);
  // As little as can be, whenever within the round trip the server has looked at its clock.
  const server = Math.min(Math.max(Number(localTime), before), clock.now());
  const difference = server - Number(localTime);
  if (!(Math.abs(difference) >= MAX_DIFFERENCE_MS)) return;
  log.warn(
    `This app's clock is ${Math.round(Math.abs(difference) / 1000)} s ${difference > 0 ? 'ahead of' : 'behind'} MongoDB's. ` +
      'Set both by NTP: MongoDB removes sessions by its own clock, an hour after they have expired.',
  );
}
