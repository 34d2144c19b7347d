// Tokens that open nothing: who brings one is a new visitor, and who brings many is guessing, which is counted by address.
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { PLATFORMS } from '../../support/http.js';
import { handleOf, MINUTE, startWith, startWorld, tokenOf, withCookie, type World } from '../../support/world.js';

const HEADER = 'x-token';
const HANDLE_LETTERS = 16;
const invented = () => formatToken(createToken(0));
const mix = (handleOfThis: string, secretOfThis: string) =>
  handleOfThis.slice(0, HANDLE_LETTERS) + secretOfThis.slice(HANDLE_LETTERS);
/** As Node names this machine, over a socket of IPv4 or of both. */
const total = ({ app }: World) => {
  const sessions = app.nest.get(MongoSessions);
  return sessions.unknownTokens('127.0.0.1') + sessions.unknownTokens('::ffff:127.0.0.1');
};

describe.each(PLATFORMS)('a token on %s', (platform) => {
  test.each<[name: string, from: (token: string) => string, calls: string[]]>([
    ['an unknown token', invented, ['find']],
    ["another secret with a session's handle", (token) => mix(token, invented()), ['find']],
    ["a session's secret with another handle", (token) => mix(invented(), token), ['find']],
    ['an empty one', () => '', []],
    ['half of one', (token) => token.slice(0, 30), []],
    ['one in capitals', (token) => `${token.slice(0, -1).toUpperCase()}*`, []],
    ["a session's public handle", handleOf, []],
    ["a session's public id", (token) => `${handleOf(token)}.0`, []],
  ])('%s opens nothing', async (_, from, calls) => {
    const { world, browser } = await startWith(platform);
    const wrong = from(tokenOf(browser));
    const stranger = withCookie(world.client(), wrong);
    world.store.takeCalls();
    const reply = await world.visit(stranger, ({ session }) => ({ ...session }));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{}', []]);
    expect([world.store.takeCalls(), world.store.memory.size]).toEqual([calls, 1]);
    const { cookies } = await world.visit(stranger, ({ session }) => void (session['a'] = 2));
    expect(cookies).toHaveLength(1);
    expect(tokenOf(stranger).slice(0, HANDLE_LETTERS)).not.toBe(wrong.slice(0, HANDLE_LETTERS));
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });
});

describe.each(PLATFORMS)('A25: unknownTokens on %s', (platform) => {
  test('every kind of token that opens nothing counts, and a valid one does not', async () => {
    const { world, browser } = await startWith(platform);
    const valid = tokenOf(browser);
    for (const value of [invented(), 'malformed', valid, invented(), `${valid.slice(0, -2)}AA`])
      await world.visit(withCookie(world.client(), value));
    await world.visit(withCookie(world.client(), '1', 'other'));
    const counts = world.events.map((event) => event.type === 'rejected' && event.unknownTokens);
    expect([counts.slice(1), total(world)]).toEqual([[1, 2, 3, 4], 4]);
  });

  test.each([
    [true, [3, 1, 0]],
    [false, [0, 0, 0]],
  ])('an address that a proxy names has its own count if the proxy is trusted: %s', async (trustProxy, counts) => {
    const world = await startWorld(platform, {}, { trustProxy });
    for (const address of ['192.0.2.1', '192.0.2.1', '2001:db8::1', '192.0.2.1'])
      await world.visit(withCookie(world.client(), invented()), () => 'seen', {
        headers: { 'x-forwarded-for': address },
      });
    const sessions = world.app.nest.get(MongoSessions);
    const addresses = ['192.0.2.1', '2001:db8::1', '192.0.2.2'];
    expect(addresses.map((address) => sessions.unknownTokens(address))).toEqual(counts);
    expect(total(world)).toBe(trustProxy ? 0 : 4);
  });

  test.each([
    ['whose session was collected', undefined],
    ['that was never a token', 'connect.sid of another library'],
    ['of another secret', (token: string) => mix(token, invented())],
  ] as const)('counts a cookie %s once, however often its browser comes', async (_, value) => {
    const { world, browser } = await startWith(platform);
    const valid = tokenOf(browser);
    const dead = typeof value === 'function' ? value(valid) : (value ?? valid);
    if (value === undefined) await world.store.memory.remove(handleOf(valid));
    for (let visit = 0; visit < 30; visit++) await world.visit(withCookie(browser, dead));
    expect(total(world)).toBe(1);
    expect(world.events.filter(({ type }) => type === 'rejected')).toHaveLength(30);
    expect(world.events.at(-1)).toMatchObject({ type: 'rejected', unknownTokens: 1 });
  });

  test('counts a token in a header once, too', async () => {
    const world = await startWorld(platform, { transport: { header: HEADER } });
    for (const token of ['malformed', invented()])
      for (let visit = 0; visit < 10; visit++)
        await world.visit(world.client(), undefined, { headers: { [HEADER]: token } });
    expect(total(world)).toBe(2);
  });

  test.each<[name: string, guess: (token: string, index: number) => string]>([
    ['different tokens', invented],
    ['different secrets of one session', (token) => mix(token, invented())],
    ['different texts that are no tokens', (_, index) => `guess ${index}`],
    ['different signatures', (token, index) => `${token}.${String(index).padStart(43, 'A')}`],
  ])('counts who guesses with %s each time, for a quarter of an hour', async (_, guess) => {
    const { world, browser } = await startWith(platform);
    const valid = tokenOf(browser);
    for (let index = 0; index < 100; index++) await world.visit(withCookie(browser, guess(valid, index)));
    world.clock.advance(15 * MINUTE - 1);
    expect(total(world)).toBe(100);
    world.clock.advance(1);
    expect(total(world)).toBe(0);
  });
});
