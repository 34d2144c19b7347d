// A session that was opened by its handle, where no response can carry a cookie: a socket's message, or a job.
import { describe, expect, test } from 'vitest';
import { DetachedExchange, type Handshake, hostnameOf } from '../../../../lib/core/request/detached-exchange.js';
import { UnitOfWork } from '../../../../lib/core/request/unit-of-work.js';
import { SessionState } from '../../../../lib/core/session/session-state.js';
import type { AnySession } from '../../../support/core/world.js';
import { HOUR, visitWith, World } from '../../../support/core/world.js';

const exchange = new DetachedExchange((error) => error);

function work({ registration }: World, state: SessionState): AnySession {
  return new UnitOfWork(state, registration, exchange).session as AnySession;
}

async function openSession() {
  const { world, browser } = await visitWith({ theme: 'light' });
  let handle = '';
  await browser.visit((session) => void (handle = session.handle));
  const open = (epoch?: number) => world.registration.manager.open(handle, world.clock.now(), epoch);
  return { world, browser, handle, open };
}

describe('SessionManager.open()', () => {
  test('opens a session by its handle, which reads, writes, reloads and ends', async () => {
    const { world, handle, open } = await openSession();
    const session = work(world, (await open()) as SessionState);
    expect({ ...session }).toEqual({ theme: 'light' });
    session['theme'] = 'dark';
    await session.save();
    await session.increment('visits');
    await session.reload();
    expect({ ...session }).toEqual({ theme: 'dark', visits: 1 });
    await session.destroy();
    expect(await world.stored(handle)).toBeUndefined();
  });

  test('says why there is no session', async () => {
    const { world, browser, open } = await openSession();
    await browser.visit((session) => session.login('ada'));
    expect(await open(0)).toBe('replaced');
    expect(await open(1)).toBeInstanceOf(SessionState);
    world.clock.advance(24 * HOUR);
    expect(await open(1)).toBe('expired');
    expect(await world.registration.manager.open('0'.repeat(24), 0)).toBe('ended');
  });

  test('writes nothing into what a login has made of the session', async () => {
    const { world, browser, handle, open } = await openSession();
    const session = work(world, (await open(0)) as SessionState);
    await browser.visit((own) => own.login('ada', { keep: true }));
    session['theme'] = 'dark';
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED' });
    expect(await world.stored(handle)).toEqual({ theme: 'light' });
    expect(session.userId).toBeUndefined();
  });
});

describe('a session without a response', () => {
  test.each<[string, (session: AnySession) => unknown]>([
    ['login()', (session) => session.login('ada')],
    ['regenerate()', (session) => session.regenerate()],
    ['logout({ clearSiteData })', (session) => session.logout({ clearSiteData: true })],
    ['permanent', async (session) => (session.permanent = true)],
  ])('refuses %s, and leaves the session as it is', async (operation, act) => {
    const { world, handle, open } = await openSession();
    const session = work(world, (await open()) as SessionState);
    const message = expect.stringContaining(`session.${operation} needs a response`) as string;
    await expect(act(session)).rejects.toMatchObject({ code: 'SESSION_NO_CLIENT', httpStatus: 500, message });
    expect(await world.stored(handle)).toEqual({ theme: 'light' });
    expect(world.eventTypes).toEqual([]);
  });

  test.each<[string, (session: AnySession) => unknown]>([
    ['save()', (session) => session.save()],
    ['save({ evenIfEmpty })', (session) => (delete session['a'], session.save({ evenIfEmpty: true }))],
    ['increment()', (session) => session.increment('visits')],
    ['push()', (session) => session.push('items', [1])],
    ['compareAndSet()', (session) => session.compareAndSet('a', undefined, 1)],
  ])('refuses %s of a blank one, and stores nothing', async (_operation, act) => {
    const world = new World();
    const session = work(world, new SessionState(world.clock.now()));
    session['a'] = 1;
    await expect(act(session)).rejects.toMatchObject({ code: 'SESSION_HEADERS_SENT' });
    expect(world.store.takeCalls()).toEqual([]);
  });
});

test('increment() of a blank session refuses to begin one without a response', async () => {
  const world = new World();
  const session = work(world, new SessionState(world.clock.now()));
  await expect(session.increment('visits')).rejects.toMatchObject({ code: 'SESSION_HEADERS_SENT' });
  expect({ ...session }).toEqual({});
});

describe('DetachedExchange', () => {
  const of = (given: Partial<Handshake> = {}) => {
    const handshake = { headers: {}, secure: false, remoteAddress: undefined, host: undefined, ...given };
    return { handshake, exchange: new DetachedExchange((error) => error, handshake) };
  };

  test('says what the handshake has said', () => {
    const headers = { cookie: 'id=1', 'user-agent': 'Lynx', 'x-one': '1', 'x-two': ['1', '2'] };
    const { handshake, exchange: socket } = of({
      headers,
      secure: true,
      remoteAddress: '192.0.2.1',
      host: 'a.example:81',
    });
    expect(socket).toMatchObject({
      ...{ secure: true, remoteAddress: '192.0.2.1', hostname: 'a.example', cookieHeader: 'id=1', userAgent: 'Lynx' },
      ...{ isDetached: true, headersSent: true, isClientGone: false },
    });
    expect(socket.platformRequest).toBe(handshake);
    expect(['x-one', 'x-two', 'x-three'].map((name) => socket.header(name))).toEqual(['1', undefined, undefined]);
  });

  test('says that a handshake over http is not secure', () => {
    expect(of().exchange.secure).toBe(false);
  });

  test('does not give out a handshake whose headers are forgotten', () => {
    expect(of({ isForgotten: true }).exchange.platformRequest).toBeUndefined();
  });

  test('says nothing for a job, which has no handshake', () => {
    const { secure, remoteAddress, platformRequest, hostname, cookieHeader, userAgent } = exchange;
    expect(secure).toBe(false);
    expect([remoteAddress, platformRequest, hostname, cookieHeader, userAgent]).toEqual(Array(5).fill(undefined));
  });
});

test.each([
  ['shop.example', 'shop.example'],
  ['shop.example:8443', 'shop.example'],
  ['shop.example:', 'shop.example'],
  ['[2001:db8::1]:443', '[2001:db8::1]'],
  [undefined, undefined],
])('hostnameOf(%j) is %j', (host, hostname) => {
  expect(hostnameOf(host)).toBe(hostname);
});
