import type { Duration } from '../duration.js';

/** How `MongoSessions.ended()` hears of what other processes do. */
export class WatchOptions {
  /**
   * How often the sessions that are watched are looked at: from `'100ms'` to `'1m'`. @default '1s'
   */
  every?: Duration = '1s';

  /**
   * Whether a change stream tells of changes sooner, in about 10 ms. It needs a replica set or a
   * sharded cluster, and one connection of each process. While it is open, sessions are looked at
   * every ten seconds.
   * @default false
   */
  changeStream?: boolean = false;
}
