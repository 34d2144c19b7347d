// Who brings many tokens that open nothing is guessing: counted by the address that the platform trusts.
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { MongoSessions, SessionEvents } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { pairOf, startWire } from './support/wire.js';
import { MINUTE } from './support/world.js';

const guess = () => ({ cookie: `id=${formatToken(createToken(0))}` });

describe.each(PLATFORMS)('on %s', (platform) => {
  test('every kind of token that opens nothing counts, and a valid one does not', async () => {
    const wire = await startWire(platform);
    const counts: number[] = [];
    wire.nest
      .get(SessionEvents)
      .of('rejected')
      .subscribe(({ unknownTokens }) => counts.push(unknownTokens));
    const valid = pairOf(await wire.get('/fill'));
    for (const cookie of [guess().cookie, 'id=malformed', valid, guess().cookie, `${valid.slice(0, -2)}AA`, 'other=1'])
      await wire.get('/see', { cookie });
    expect(counts).toEqual([1, 2, 3, 4]);
    expect(total(wire.nest.get(MongoSessions))).toBe(4);
  });

  test('each address has its own count, where the proxy that names it is trusted', async () => {
    const wire = await startWire(platform, { trustProxy: true });
    const sessions = wire.nest.get(MongoSessions);
    const from = (address: string) => wire.get('/see', { ...guess(), 'x-forwarded-for': address });
    for (const address of ['192.0.2.1', '192.0.2.1', '2001:db8::1', '192.0.2.1']) await from(address);
    expect(['192.0.2.1', '2001:db8::1', '192.0.2.2'].map((address) => sessions.unknownTokens(address))).toEqual([
      3, 1, 0,
    ]);
  });

  test('an address that nobody vouches for counts for nothing', async () => {
    const wire = await startWire(platform);
    const sessions = wire.nest.get(MongoSessions);
    for (const address of ['192.0.2.1', '192.0.2.2'])
      await wire.get('/see', { ...guess(), 'x-forwarded-for': address });
    expect(sessions.unknownTokens('192.0.2.1')).toBe(0);
    expect(total(sessions)).toBe(2);
  });

  test('the count begins anew a quarter of an hour after its first', async () => {
    const wire = await startWire(platform);
    const sessions = wire.nest.get(MongoSessions);
    await wire.get('/see', guess());
    wire.clock.advance(10 * MINUTE);
    await wire.get('/see', guess());
    wire.clock.advance(5 * MINUTE - 1);
    expect(total(sessions)).toBe(2);
    wire.clock.advance(1);
    expect(total(sessions)).toBe(0);
    await wire.get('/see', guess());
    expect(total(sessions)).toBe(1);
  });
});

/** As Node names this machine, over a socket of IPv4 or of both. */
function total(sessions: MongoSessions): number {
  return sessions.unknownTokens('127.0.0.1') + sessions.unknownTokens('::ffff:127.0.0.1');
}
