// MongoSessions.ended(): a stream ends with its session, whoever ends that, in this process or in another one.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Controller, Sse } from '@nestjs/common';
import { NEVER, type Observable, startWith, takeUntil } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import {
  MongoSessions,
  Session,
  type SessionEnd,
  type SessionObject,
  type SessionOptions,
} from '../../../lib/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { type HttpClient, type Platform, PLATFORMS, read, testDatabase } from '../../support/http.js';
import { type AnySession, type World, MINUTE, SECOND, handleOf, startWorld, tokenOf } from '../../support/world.js';

@Controller()
class LiveController {
  constructor(private readonly sessions: MongoSessions) {}

  @Sse('live')
  live(@Session() session: SessionObject): Observable<{ data: string }> {
    return NEVER.pipe(startWith({ data: 'open' }), takeUntil(this.sessions.ended(session)));
  }
}

const database = testDatabase();
const place = (): SessionOptions => ({ uri: database.uri, collection: 'sessions' });

const start = (platform: Platform, options: SessionOptions = {}) =>
  startWorld(platform, { ...place(), ...options }, { controllers: [LiveController] });

/** A browser's stream, once its session is watched. */
async function openStream(browser: HttpClient) {
  const response: IncomingMessage = await browser.clone().open('/live');
  await once(response, 'readable');
  let isOpen = true;
  const whole = read(response).finally(() => (isOpen = false));
  return { whole, isOpen: () => isOpen };
}

/** Until it is so, as long as the clock goes on. */
async function untilClosed(stream: { isOpen(): boolean }, clock: TestClock): Promise<void> {
  await vi.waitFor(() => {
    clock.advance(SECOND);
    expect(stream.isOpen()).toBe(false);
  });
}

const ENDS: [name: string, act: (session: AnySession) => Promise<void>][] = [
  ['a logout', (session) => session.logout()],
  ['another login', (session) => session.login('ada')],
];

describe.each(PLATFORMS)('an @Sse() stream until ended() on %s', (platform) => {
  test.each(ENDS)('is closed by %s in this process, without a poll', async (_, act) => {
    const world = await start(platform);
    const browser = await world.browserOf('ada');
    const stream = await openStream(browser);
    await world.visit(browser.clone(), ({ session }) => act(session));
    const { body, cutOff } = await stream.whole;
    expect([body.includes('data: open'), cutOff]).toEqual([true, false]);
  });

  test.each(ENDS)('is closed by %s in another process, with the next poll', async (_, act) => {
    const clock = new TestClock();
    const world = await start(platform, { clock });
    const other = await start(platform, { clock });
    const browser = await world.browserOf('ada');
    const stream = await openStream(browser);
    await other.visit(other.client(browser), ({ session }) => act(session));
    await untilClosed(stream, clock);
  });

  test('is closed by a change stream without any poll', async () => {
    const world = await start(platform, { watch: { changeStream: true } });
    const other = await start(platform);
    const browser = await world.browserOf('ada');
    const stream = await openStream(browser);
    await other.visit(other.client(browser), ({ session }) => session.logout());
    expect((await stream.whole).cutOff).toBe(false);
    expect(world.app.log.lines).toEqual([]);
  });

  test('is closed when an administrator revokes the user, and that of another user is not', async () => {
    const world = await start(platform);
    const stream = await openStream(await world.browserOf('ada'));
    const other = await openStream(await world.browserOf('bob'));
    await world.app.nest.get(MongoSessions).of('ada').revokeAll();
    await stream.whole;
    expect(other.isOpen()).toBe(true);
    await world.app.nest.get(MongoSessions).of('bob').revokeAll();
    await other.whole;
  });

  test('is closed when the session expires', async () => {
    const clock = new TestClock();
    const world = await start(platform, { clock });
    const stream = await openStream(await world.browserOf('ada'));
    clock.advance(30 * MINUTE);
    await untilClosed(stream, clock);
  });

  test('of a first visitor stays open, and is closed when the session that it got ends', async () => {
    const world = await start(platform);
    const ends: SessionEnd[] = [];
    const browser = world.client();
    await world.visit(browser, ({ session }) => {
      world.app.nest
        .get(MongoSessions)
        .ended(session)
        .subscribe((end) => ends.push(end));
      session['a'] = 1;
    });
    await world.visit(browser.clone(), ({ session }) => void (session['a'] = 2));
    expect(ends).toEqual([]);
    const handle = handleOf(tokenOf(browser));
    await world.visit(browser, ({ session }) => session.logout());
    expect(ends).toEqual([{ handle, why: 'ended' }]);
  });
});

describe.each(PLATFORMS)('ended() on %s', (platform) => {
  const watch = (world: World, target: SessionObject | string) => {
    const told: unknown[] = [];
    const sessions = world.app.nest.get(MongoSessions);
    sessions.ended(target).subscribe({ next: (end) => told.push(end), complete: () => told.push('complete') });
    return told;
  };

  test('emits once and completes', async () => {
    const world = await start(platform);
    const browser = await world.browserOf('ada');
    const handle = handleOf(tokenOf(browser));
    const told = watch(world, handle);
    await world.visit(browser, ({ session }) => session.logout());
    expect(told).toEqual([{ handle, why: 'ended' }, 'complete']);
  });

  test('completes without a value when the app is closed, and leaves nothing open', async () => {
    const world = await start(platform, { watch: { changeStream: true } });
    const browser = await world.browserOf('ada');
    const handle = handleOf(tokenOf(browser));
    const told = watch(world, handle);
    await world.app.close();
    expect(told).toEqual(['complete']);
    expect(watch(world, handle)).toEqual(['complete']);
    expect(world.app.log.lines).toEqual([]);
  });

  test.each([[{ $gt: '' }], [null], [undefined], [5], ['x'], ['a'.repeat(1_000_000)]])(
    'of what is no session says ended at once, case %#',
    async (target) => {
      const world = await start(platform);
      const handle = typeof target === 'string' ? target : '';
      expect(watch(world, target as string)).toEqual([{ handle, why: 'ended' }, 'complete']);
    },
  );

  test('goes on after a subscriber that throws, whose failure is logged', async () => {
    const world = await start(platform);
    const browser = await world.browserOf('ada');
    const handle = handleOf(tokenOf(browser));
    world.app.nest
      .get(MongoSessions)
      .ended(handle)
      .subscribe(() => {
        throw new Error('It has failed.');
      });
    const told = watch(world, handle);
    await world.visit(browser, ({ session }) => session.logout());
    expect(told).toEqual([{ handle, why: 'ended' }, 'complete']);
    expect(world.app.log.lines.filter((line) => line.includes('It has failed.'))).toHaveLength(1);
  });
});
