// cleanup: 'sweep': every process removes what has expired, and each end is told once in all of them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import type { SweepableStore } from '../../../../lib/core/store/sweepable-store.interface.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { anotherProcess } from '../../../support/core/processes.js';
import { HOUR, MINUTE, World } from '../../../support/core/world.js';

const SWEEP_MS = 11_000;

function sweepingWorld(): World {
  return new World({ cleanup: 'sweep' }, addPorts);
}

const sweeperOf = ({ registration }: World) => registration.sweeper!;

/** Sessions that have expired. */
async function expireSome(world: World, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await world.browser().visit((session) => session.login(`user ${index}`));
  world.clock.advance(HOUR);
  world.events.length = 0;
}

/** All that has become due, done. */
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('the sweeper', () => {
  test('removes what has expired, and leaves the rest', async () => {
    const world = sweepingWorld();
    await expireSome(world, 3);
    const browser = await world.browserWith({ a: 1 });
    await sweeperOf(world).sweep();
    expect(world.eventTypes).toEqual(['expired', 'expired', 'expired']);
    expect(world.events[0]).toMatchObject({ name: 'default', at: world.clock.now(), session: { userId: 'user 0' } });
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
    expect(world.store.memory.size).toBe(1);
  });

  test('removes a session at its end, and not a millisecond before', async () => {
    const world = sweepingWorld();
    await world.browserWith({ a: 1 });
    world.clock.advance(30 * MINUTE - 1);
    await sweeperOf(world).sweep();
    expect(world.store.memory.size).toBe(1);
    world.clock.advance(1);
    await sweeperOf(world).sweep();
    expect([world.store.memory.size, world.eventTypes]).toEqual([0, ['expired']]);
  });

  test('tells of each once where two processes sweep at once', async () => {
    const world = sweepingWorld();
    await expireSome(world, 250);
    const other = anotherProcess(world, { cleanup: 'sweep' }, addPorts);
    await Promise.all([sweeperOf(world).sweep(), sweeperOf(other).sweep()]);
    const handles = [...world.events, ...other.events].map((event) => (event as { handle: string }).handle);
    expect([handles.length, new Set(handles).size, world.store.memory.size]).toEqual([250, 250, 0]);
  });

  test('leaves alone a session that was used between its being found and its claim', async () => {
    const world = sweepingWorld();
    const browser = await world.browserWith({ a: 1 });
    const { handle } = browser;
    world.clock.advance(HOUR);
    const { take } = world.store as unknown as { take: (...args: unknown[]) => Promise<unknown> };
    Object.assign(world.store, {
      async take(...args: unknown[]) {
        // A process whose clock is behind has had a request in time.
        const found = (await world.store.stored(handle))!;
        await world.store.memory.remove(handle);
        await world.store.memory.insert({ ...found, expiresAt: found.expiresAt + HOUR });
        return take(...args);
      },
    });
    await sweeperOf(world).sweep();
    expect([world.store.memory.size, world.eventTypes]).toEqual([1, []]);
  });

  test('goes on with the next hundred after a full pass, and stops when others claim them all', async () => {
    const world = sweepingWorld();
    await expireSome(world, 301);
    const asked: number[] = [];
    Object.assign(world.store, {
      findExpired(before: number, limit: number) {
        asked.push(limit);
        return world.store.memory.findExpired(before, limit);
      },
    });
    await sweeperOf(world).sweep();
    expect([asked, world.store.memory.size]).toEqual([[100, 100, 100, 100], 0]);
    await expireSome(world, 200);
    Object.assign(world.store, { take: () => Promise.resolve(undefined) });
    asked.length = 0;
    await sweeperOf(world).sweep();
    expect(asked).toEqual([100]);
  });

  test('warns once while the database is away, and goes on when it is back', async () => {
    const world = sweepingWorld();
    await expireSome(world, 1);
    const { findExpired } = world.store as unknown as { findExpired: unknown };
    Object.assign(world.store, { findExpired: () => Promise.reject(new Error('The database is away.')) });
    await sweeperOf(world).sweep();
    await sweeperOf(world).sweep();
    expect(world.warnings).toEqual([
      'Expired sessions could not be removed: The database is away. The next sweep tries again.',
    ]);
    Object.assign(world.store, { findExpired });
    await sweeperOf(world).sweep();
    expect([world.store.memory.size, world.eventTypes]).toEqual([0, ['expired']]);
  });
});

describe('its pace', () => {
  test('is one sweep within ten seconds of the start, then one every ten', async () => {
    const world = sweepingWorld();
    sweeperOf(world).start();
    for (let sweep = 0; sweep < 5; sweep++) {
      await expireSome(world, 1);
      await turns();
      world.clock.advance(SWEEP_MS);
      await turns();
      expect([world.store.memory.size, world.eventTypes]).toEqual([0, ['expired']]);
    }
    await sweeperOf(world).stop();
  });

  test('ends with stop(), which waits for a claim in flight', async () => {
    const world = sweepingWorld();
    await expireSome(world, 1);
    sweeperOf(world).start();
    let isClaimed = false;
    Object.assign(world.store, {
      async take(...args: Parameters<SweepableStore['take']>) {
        await turns();
        const taken = await world.store.memory.take(...args);
        isClaimed = true;
        return taken;
      },
    });
    world.clock.advance(SWEEP_MS);
    await turns(2);
    await sweeperOf(world).stop();
    expect(isClaimed).toBe(true);
    await expireSome(world, 1);
    world.clock.advance(HOUR);
    await turns();
    expect(world.store.memory.size).toBe(1);
  });

  test('runs in no async context but that of the start of the app', async () => {
    const world = sweepingWorld();
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    Object.assign(world.store, {
      findExpired() {
        seen.push(request.getStore());
        return Promise.resolve([]);
      },
    });
    await request.run('a request', async () => {
      sweeperOf(world).start();
      world.clock.advance(SWEEP_MS);
      await turns();
      world.clock.advance(SWEEP_MS);
      await turns();
    });
    await sweeperOf(world).stop();
    expect(seen).toEqual([undefined, undefined]);
  });
});

test("cleanup: 'sweep' stops the start where the store has no methods for it, and names them", () => {
  expect(() => new World({ cleanup: 'sweep' })).toThrow(
    "The option `cleanup: 'sweep'` needs a store that is a SweepableStore, but the one of the option `store` lacks findExpired(), take().",
  );
});

test.each(['cron', true, null])('cleanup: %j stops the start', (cleanup) => {
  expect(() => new World({ cleanup: cleanup as 'ttl' })).toThrow(/option `cleanup` is .* "ttl", "sweep", "off"/);
});
