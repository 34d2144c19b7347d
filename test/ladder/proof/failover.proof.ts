// Three servers, of which the primary is killed again and again: another one takes over, and knows all that was acknowledged.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeProof } from '../../support/proof-out.js';
import { machine } from './support/machine.js';
import { openWorld, RECOVERY_MS, type World } from './support/world.js';

const KILLS = 10;

let world: World;
beforeAll(async () => {
  // An app that would rather read from a secondary elsewhere: its sessions are read from the primary all the same.
  world = await openWorld(3, 'fastify', '&readPreference=secondaryPreferred');
});
afterAll(() => world.close());

test(`the primary is killed ${KILLS} times under load`, async () => {
  const { load, server } = world;
  const kills: { at: number; outage: number }[] = [];
  for (let round = 0; round < KILLS; round++) {
    load.run();
    await load.succeeds(50, RECOVERY_MS);
    await delay(500 + round * 50);
    const primary = await world.primary();
    const at = load.now();
    load.resetGap();
    await primary.kill('SIGKILL');
    // By the two that are left.
    await load.succeeds(50, RECOVERY_MS);
    kills.push({ at, outage: load.longestGap });
    await primary.restart();
    await load.succeeds(50, RECOVERY_MS);
    await load.hold();
    await world.expectNothingLost();
  }
  const sessions = await world.expectNothingLost();
  const { reads } = await world.app.measure();
  expect(reads.primary).toBeGreaterThan(100);
  expect(reads.others).toBe(0);
  const { acknowledged, failed, slices } = load;
  writeProof('failover', {
    ...{ members: 3, kills, acknowledged, failed, sessions, lost: 0, reads, slices },
    machine: machine(server),
  });
});
