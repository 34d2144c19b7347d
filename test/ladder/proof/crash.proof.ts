// MongoDB, and the app, killed in the middle of their work, again and again: what was acknowledged is there afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/http.js';
import { writeProof } from '../../support/proof-out.js';
import { machine } from './support/machine.js';
import { openWorld, RECOVERY_MS, type World } from './support/world.js';

const SERVER_KILLS = 20;
const APP_KILLS = 20;

/** At another moment each time, and at the same ones in each run. */
const someTime = (round: number) => 200 + ((round * 137) % 400);

describe.each(PLATFORMS)('%s', (platform) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(1, platform);
  });
  afterAll(() => world.close());

  test(`MongoDB is killed ${SERVER_KILLS / 2} times under load`, async () => {
    const { load, server } = world;
    const outages: number[] = [];
    const before = totals();
    for (let round = 0; round < SERVER_KILLS / 2; round++) {
      load.run();
      await load.succeeds(20, RECOVERY_MS);
      await delay(someTime(round));
      load.resetGap();
      await server.members[0]!.kill('SIGKILL');
      await server.members[0]!.restart();
      await load.succeeds(20, RECOVERY_MS);
      outages.push(load.longestGap);
      await load.hold();
      await world.expectNothingLost();
    }
    write('mongodb', outages, before, await world.expectNothingLost());
  });

  test(`the app is killed ${APP_KILLS / 2} times under load`, async () => {
    const { load, app } = world;
    const outages: number[] = [];
    const before = totals();
    for (let round = 0; round < APP_KILLS / 2; round++) {
      load.run();
      await load.succeeds(20, RECOVERY_MS);
      await delay(someTime(round));
      load.resetGap();
      await app.kill();
      await app.start();
      await load.succeeds(20, RECOVERY_MS);
      outages.push(load.longestGap);
      await load.hold();
      await world.expectNothingLost();
    }
    write('app', outages, before, await world.expectNothingLost());
  });

  function totals() {
    return { acknowledged: world.load.acknowledged, failed: world.load.failed };
  }

  function write(killed: string, outages: number[], before: ReturnType<typeof totals>, sessions: number): void {
    const acknowledged = world.load.acknowledged - before.acknowledged;
    const failed = world.load.failed - before.failed;
    expect(acknowledged).toBeGreaterThan(outages.length * 40);
    const kills = outages.length;
    // Fails above if there is any.
    const lost = 0;
    writeProof(`crash-${killed}-${platform}`, {
      ...{ killed, platform, kills, acknowledged, failed, sessions, lost, outages },
      machine: machine(world.server),
    });
  }
});
