// The option cleanup: who removes expired sessions, and who hears of it.
import { describe, expect, test, vi } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { HOUR, SECOND, handleOf, startWorld, tokenOf } from '../../support/world.js';

const database = testDatabase();

async function ttlOf(collection: string): Promise<number | undefined> {
  const indexes = await database.db.collection(collection).indexes();
  return indexes.find(({ key }) => 'expiresAt' in key)?.expireAfterSeconds;
}

describe.each(PLATFORMS)('cleanup on %s', (platform) => {
  test.each([
    ['ttl', 3600],
    ['sweep', 86_400],
    ['off', undefined],
  ] as const)('%s leaves the TTL index at %s seconds', async (cleanup, seconds) => {
    const collection = `${platform}_${cleanup}`;
    const world = await startWorld(platform, { uri: database.uri, collection, cleanup });
    await world.browserOf('ada');
    expect(await ttlOf(collection)).toBe(seconds);
  });

  test('sweep removes what has expired in one of two processes, and tells of it once, with its data', async () => {
    const clock = new TestClock();
    const collection = `${platform}_two`;
    const options: SessionOptions = { uri: database.uri, collection, cleanup: 'sweep', clock };
    const [one, other] = [await startWorld(platform, options), await startWorld(platform, options)];
    const browser = await one.browserOf('ada');
    await one.visit(browser, ({ session }) => void (session['cart'] = ['tea']));
    const handle = handleOf(tokenOf(browser));
    clock.advance(HOUR);
    const late = await one.browserOf('bob');
    const told = () => [...one.events, ...other.events].filter(({ type }) => type === 'expired');
    await vi.waitFor(async () => {
      clock.advance(SECOND);
      expect(await database.db.collection(collection).countDocuments()).toBe(1);
      expect(told()).toHaveLength(1);
    });
    expect(told()).toMatchObject([{ type: 'expired', handle, session: { userId: 'ada' } }]);
    expect(told()[0]).toHaveProperty('session.data', { cart: ['tea'] });
    expect(await one.isAlive(late)).toBe(true);
    // The token comes too late, wherever its document is.
    expect(await one.isAlive(browser)).toBe(false);
    expect(one.eventTypes().at(-1)).toBe('rejected: unknown');
  });

  test('sweep does nothing more once the app is closed', async () => {
    const clock = new TestClock();
    const collection = `${platform}_closed`;
    const world = await startWorld(platform, { uri: database.uri, collection, cleanup: 'sweep', clock });
    await world.browserOf('ada');
    await world.app.close();
    clock.advance(HOUR);
    clock.advance(HOUR);
    await new Promise(setImmediate);
    expect(await database.db.collection(collection).countDocuments()).toBe(1);
    expect(world.app.log.lines).toEqual([]);
  });
});
