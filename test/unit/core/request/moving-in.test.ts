// A request that brings the cookie of another session library: what its client gets in return.
import { describe, expect, test } from 'vitest';
import { loggedErrors } from '../../../../lib/core/errors.js';
import type { MoveResult, SessionMover } from '../../../../lib/core/lifecycle/session-mover.interface.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { RequestCycle } from '../../../../lib/core/request/request-cycle.js';
import { SessionState } from '../../../../lib/core/session/session-state.js';
import { parseToken } from '../../../../lib/core/token/session-token.js';
import { codec } from '../../../support/core/codec.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';
import { type AnySession, visitWith } from '../../../support/core/world.js';

const REMOVAL = 'connect.sid=; Path=/; Max-Age=0';
const unavailable = () => new Error('The old database is away.');

/** A request whose old cookie becomes of what `move` says; there is one stored session that it can open. */
async function setUp(move: (moved: SessionState) => ReturnType<SessionMover['moveIn']>) {
  const { world, browser } = await visitWith({ cart: 'tea' });
  const stored = (await world.store.stored(browser.handle))!;
  const token = parseToken(browser.cookie!.split('=')[1]!)!;
  const moved = SessionState.of(stored, token, 'current', world.clock.now());
  const mover: SessionMover = { moveIn: () => move(moved) };
  const options = resolveOptions({ store: world.store, clock: world.clock });
  const { hooks } = world.registration;
  const registration = new Registration(options, world.store, codec, hooks, undefined, () => mover);
  const request = (cookie = 'connect.sid=old') => {
    const exchange = new FakeExchange(cookie);
    const cycle = new RequestCycle(registration, exchange);
    return { exchange, cycle, session: () => cycle.session as AnySession };
  };
  return { world, browser, request };
}

const movedTo = (result: (moved: SessionState) => MoveResult) => setUp(async (moved) => result(moved));
const newToken = expect.stringMatching(/^__Host-id=[\w-]{59};/) as string;

describe('a request with an old cookie', () => {
  test('goes on with the session that was moved, and gets its token and the removal of the old cookie', async () => {
    const { request } = await movedTo((state) => ({ state, removals: [REMOVAL] }));
    const { exchange, cycle, session } = request();
    await cycle.open();
    expect({ ...session() }).toEqual({ cart: 'tea' });
    await cycle.commit();
    expect(exchange.cookies).toEqual([newToken, REMOVAL]);
    expect(exchange.isCacheable).toBe(false);
  });

  test('gets the removal once, also with a newer token', async () => {
    const { request } = await movedTo((state) => ({ state, removals: [REMOVAL] }));
    const { exchange, cycle, session } = request();
    await cycle.open();
    await cycle.commit();
    await session().regenerate({ keep: true });
    await cycle.commit();
    expect(exchange.cookies).toEqual([newToken, REMOVAL, newToken]);
  });

  test('gets the removal of the old cookie also if it ends the session that was moved', async () => {
    const { request } = await movedTo((state) => ({ state, removals: [REMOVAL] }));
    const { exchange, cycle, session } = request();
    await cycle.open();
    await session().destroy();
    await cycle.commit();
    expect(exchange.cookies).toEqual([REMOVAL]);
  });

  test('has a new session if the old one opens nothing, and the old cookies are removed', async () => {
    const { request } = await movedTo(() => ({ state: undefined, removals: [REMOVAL, 'old=; Max-Age=0'] }));
    const { exchange, cycle, session } = request();
    await cycle.open();
    expect(session().isNew).toBe(true);
    expect([exchange.cookies, exchange.isCacheable]).toEqual([[REMOVAL, 'old=; Max-Age=0'], false]);
  });

  test('gets an answer that can be cached if there is nothing to move and to remove', async () => {
    const { request } = await movedTo(() => ({ state: undefined, removals: [] }));
    const { exchange, cycle, session } = request();
    await cycle.open();
    expect([session().isNew, exchange.cookies, exchange.isCacheable]).toEqual([true, [], true]);
  });

  test('gets nothing if its headers have left in the meantime', async () => {
    const { request } = await movedTo(() => ({ state: undefined, removals: [REMOVAL] }));
    const { exchange, cycle } = request();
    exchange.headersSent = true;
    await cycle.open();
    expect(exchange.cookies).toEqual([]);
  });

  test('fails if it needs the session and the old one could not be read, with a line in the log', async () => {
    const { world, request } = await setUp(() => Promise.reject(unavailable()));
    const { cycle, session } = request();
    await cycle.open();
    expect(session).toThrow(expect.objectContaining({ status: 500 }));
    expect(world.errors).toEqual(['A session could not be read: The old database is away.']);
  });

  test('has no second line in the log for an error that was logged already', async () => {
    const error = unavailable();
    loggedErrors.add(error);
    const { world, request } = await setUp(() => Promise.reject(error));
    const { cycle, session } = request();
    await cycle.open();
    expect(session).toThrow(expect.objectContaining({ status: 500 }));
    expect(world.errors).toEqual([]);
  });
});

describe('a request', () => {
  test('without an old cookie has nothing to wait for', async () => {
    const { request } = await setUp(() => undefined);
    const { cycle, session } = request('other=1');
    expect(cycle.open()).toBeUndefined();
    expect(session().isNew).toBe(true);
  });

  test('that has a session of its own keeps that, and no old one is looked for', async () => {
    const { browser, request } = await setUp(() => expect.unreachable());
    const { cycle, session } = request(browser.cookie);
    await cycle.open();
    expect(session()['cart']).toBe('tea');
  });

  test('whose own token opens nothing gets the old session', async () => {
    const { request } = await movedTo((state) => ({ state, removals: [REMOVAL] }));
    const { cycle, session } = request(`__Host-id=${'A'.repeat(59)}; connect.sid=old`);
    await cycle.open();
    expect(session()['cart']).toBe('tea');
  });
});
