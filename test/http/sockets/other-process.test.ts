// An end in another process closes a socket by the next poll of MongoDB. How soon that is on a quiet machine is
// measured by test/ladder/proof/sockets.proof.ts.
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/core/clock.interface.js';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';
import { startSockets } from '../../support/sockets.js';
import { startWorld } from '../../support/world.js';

const database = testDatabase();
const SOCKETS = 100;
/** Two polls: no busy machine explains one that is left out. */
const MAX_MS = 2000;

describe.each(PLATFORMS)('100 logouts in another process, on %s', (platform) => {
  test('close their sockets by the next poll', async () => {
    const sessions = { uri: database.uri, collection: `sessions_${platform}`, clock: systemClock };
    const world = await startSockets(platform, 'ws', { sessions });
    const elsewhere = await startWorld(platform, sessions);
    const opened = [];
    for (let count = 0; count < SOCKETS; count += 1) {
      const browser = await world.http.browserOf(`user${count}`);
      const socket = await world.connect(browser);
      await socket.act(() => undefined);
      opened.push({ browser: elsewhere.client(browser), socket });
    }
    const delays = opened.map(async ({ browser, socket }, index) => {
      // Spread over the time between two polls.
      await new Promise((resolve) => setTimeout(resolve, (index * 1000) / SOCKETS));
      let endedAt = 0;
      await elsewhere.visit(browser, async ({ session }) => {
        await session.logout();
        endedAt = performance.now();
      });
      await socket.closed;
      return performance.now() - endedAt;
    });
    const sorted = (await Promise.all(delays)).toSorted((a, b) => a - b);
    expect(sorted[Math.ceil(SOCKETS * 0.99) - 1]).toBeLessThan(MAX_MS);
  }, 60_000);
});
