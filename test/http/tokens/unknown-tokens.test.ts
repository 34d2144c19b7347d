// One browser that goes on with a dead cookie is nobody who guesses.
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { MongoSessions } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { MINUTE, type World, handleOf, startWorld, withCookie } from '../security/support/world.js';

const HEADER = 'x-token';
const total = ({ app }: World) => {
  const sessions = app.nest.get(MongoSessions);
  return sessions.unknownTokens('127.0.0.1') + sessions.unknownTokens('::ffff:127.0.0.1');
};

describe.each(PLATFORMS)('A25: unknownTokens on %s', (platform) => {
  test.each([
    ['whose session was collected', undefined],
    ['that was never a token', 'connect.sid of another library'],
    ['of another secret', (token: string) => formatToken({ ...createToken(0), handle: handleOf(token) })],
  ] as const)('counts a cookie %s once, however often its browser comes', async (_, value) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const valid = browser.jar.get('id')!;
    const dead = typeof value === 'function' ? value(valid) : (value ?? valid);
    if (value === undefined) await world.store.memory.remove(handleOf(valid));
    for (let visit = 0; visit < 30; visit++) await world.visit(withCookie(browser, dead));
    expect(total(world)).toBe(1);
    expect(world.events.filter(({ type }) => type === 'rejected')).toHaveLength(30);
    expect(world.events.at(-1)).toMatchObject({ type: 'rejected', unknownTokens: 1 });
  });

  test('counts a token in a header once, too', async () => {
    const world = await startWorld(platform, { transport: { header: HEADER } });
    for (const token of ['malformed', formatToken(createToken(0))])
      for (let visit = 0; visit < 10; visit++)
        await world.visit(world.client(), undefined, { headers: { [HEADER]: token } });
    expect(total(world)).toBe(2);
  });

  test.each([
    ['different tokens', () => formatToken(createToken(0))],
    [
      'different secrets of one session',
      (token: string) => formatToken({ ...createToken(0), handle: handleOf(token) }),
    ],
    ['different texts that are no tokens', (_: string, index: number) => `guess ${index}`],
    ['different signatures', (token: string, index: number) => `${token}.${String(index).padStart(43, 'A')}`],
  ])('counts who guesses with %s each time', async (_, guess) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const valid = browser.jar.get('id')!;
    for (let index = 0; index < 100; index++) await world.visit(withCookie(browser, guess(valid, index)));
    expect(total(world)).toBe(100);
    world.clock.advance(15 * MINUTE);
    expect(total(world)).toBe(0);
  });
});
