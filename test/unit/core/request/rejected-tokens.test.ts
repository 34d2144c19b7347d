// What opens nothing is told to those who watch: why, from where, how often, and of which session as far as that is known.
import { describe, expect, test } from 'vitest';
import { writeSealedElement } from '../../../../lib/core/encryption/sealed-element.js';
import { joinElements } from '../../../../lib/core/data/bson-elements.js';
import { createSecret, createToken, formatToken, parseToken } from '../../../../lib/core/token/session-token.js';
import { HOUR, visitWith, World } from '../../../support/core/world.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';
import { RequestCycle } from '../../../../lib/core/request/request-cycle.js';

describe('a token that opens nothing', () => {
  test('is told with its reason, its address and how many have come from there', async () => {
    const { world, browser } = await visitWith({ a: 1 }, { name: 'shop' });
    const [name, value = ''] = browser.cookie!.split('=');
    const { handle } = parseToken(value)!;
    const unknown = createToken(0);
    const brought = [
      `${name}=x`,
      `${name}=${formatToken(unknown)}`,
      `${name}=${formatToken({ handle, secret: createSecret() })}`,
    ];
    for (const cookie of brought) await world.browser(cookie).visit((session) => expect({ ...session }).toEqual({}));
    const common = { type: 'rejected', name: 'shop', at: world.clock.now(), address: '192.0.2.1' };
    expect(world.events).toStrictEqual([
      { ...common, reason: 'malformed', unknownTokens: 1 },
      { ...common, reason: 'unknown', handle: unknown.handle, unknownTokens: 2 },
      { ...common, reason: 'secret', handle, unknownTokens: 3 },
    ]);
  });

  test('is counted also where its address is not known, under none', async () => {
    const world = new World();
    for (const unknownTokens of [1, 2]) {
      const exchange = Object.assign(new FakeExchange(`__Host-id=${unknownTokens}`), { remoteAddress: undefined });
      await new RequestCycle(world.registration, exchange).open();
      expect(world.events.at(-1)).toMatchObject({ reason: 'malformed', address: undefined, unknownTokens });
    }
  });

  test('is one of several: the next one is tried', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const [name] = browser.cookie!.split('=');
    const both = world.browser(`${name}=${formatToken(createToken(0))}; ${browser.cookie}`);
    await both.visit((session) => expect({ ...session }).toEqual({ a: 1 }));
    expect(world.events).toMatchObject([{ type: 'rejected', reason: 'unknown' }]);
  });

  test('is one whose data are encrypted, where the app has no keys: no session of it, and no write to it', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const stored = (await world.store.stored(browser.handle))!;
    const data = joinElements([writeSealedElement('a', new Uint8Array(8))]);
    await world.store.memory.remove(browser.handle);
    await world.store.memory.insert({ ...stored, data });
    await browser.visit((session) => void (session['b'] = 1));
    expect(world.eventTypes).toEqual(['rejected', 'created']);
    expect(world.events[0]).toMatchObject({ reason: 'undecodable', handle: stored.handle });
    expect((await world.store.stored(stored.handle))?.data).toBe(data);
  });

  test('is not one that has expired: that is told as such, and not counted', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const { handle } = browser;
    world.clock.advance(HOUR);
    await browser.visit((session) => expect({ ...session }).toEqual({}));
    const event = { type: 'rejected', reason: 'expired', handle, name: 'default', at: world.clock.now() };
    expect(world.events).toEqual([{ ...event, address: '192.0.2.1', unknownTokens: 0 }]);
  });

  test('is not one that could not be looked up: the log tells why, and who needs the session fails', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('find');
    const visit = await browser.begin();
    expect(() => visit.session).toThrow(expect.objectContaining({ status: 503 }));
    expect(world.errors).toEqual(['A session could not be read: The database is away.']);
    expect(world.events).toEqual([]);
  });
});
