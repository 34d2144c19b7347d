// @ReadonlySession over HTTP: neither written nor prolonged.
import { Controller, Get, Res, Sse } from '@nestjs/common';
import { interval, map, takeWhile } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ReadonlySession, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, PLATFORMS, takeRaw } from '../../support/http.js';
import { DAY, MINUTE, startWorld, tokenOf } from '../../support/world.js';

type Data = SessionObject<Record<string, unknown>>;

@Controller('readonly')
@ReadonlySession()
class ReadingController {
  @Get('poll')
  poll(@Session() session: Data) {
    return { ...session };
  }

  @Get('blank')
  blank(@Session() session: Data) {
    return { isNew: session.isNew };
  }

  @Get('assign')
  assign(@Session() session: Data) {
    session['mark'] = 'never';
  }

  @Get('inside')
  inside(@Session() session: Data) {
    (session['map'] as Map<string, number>).set('mark', 1);
    return 'done';
  }

  @Get('login')
  login(@Session() session: Data) {
    return session.login('eve');
  }

  @Get('unawaited')
  unawaited(@Session() session: Data) {
    void session.increment('count');
    return 'done';
  }

  @Sse('ticks')
  ticks() {
    return interval(5).pipe(
      takeWhile((tick) => tick < 3),
      map((tick) => ({ data: String(tick) })),
    );
  }

  @Get('stream')
  stream(@Res() response: AnyResponse) {
    const raw = takeRaw(response);
    raw.write('a');
    return new Promise((resolve) => raw.end('b', () => resolve(undefined)));
  }
}

const body = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : text);

describe.each(PLATFORMS)('@ReadonlySession on %s', (platform) => {
  const start = async (sessions = {}, configure?: (before: { change: boolean }) => object) => {
    const before = { change: false };
    const world = await startWorld(platform, sessions, {
      controllers: [ReadingController],
      configure: (app) => {
        app.use((request: { session: Data }, _response: unknown, next: () => void) => {
          if (before.change) request.session['before'] = 'kept';
          next();
        });
      },
      ...configure?.(before),
    });
    return { world, before };
  };

  test('does not prolong the session that polls, streams or listens to events', async () => {
    for (const path of ['poll', 'ticks', 'stream']) {
      const { world } = await start();
      const browser = await world.browserWith({ mark: 1 });
      world.store.takeCalls();
      for (let minute = 0; minute < 29; minute += 5) {
        world.clock.advance(5 * MINUTE);
        const reply = await browser.get(`/readonly/${path}`);
        expect([reply.status, reply.cookies]).toEqual([200, []]);
      }
      expect(new Set(world.store.takeCalls())).toEqual(new Set(['find']));
      expect(await world.isAlive(browser)).toBe(false);
    }
  });

  test('offers no renewed token, and refreshes no cookie of a permanent session', async () => {
    const { world } = await start({ renewAfter: '1m', renewGrace: '10s' });
    const browser = world.client();
    await world.visit(browser, async ({ session }) => {
      await session.login('ada');
      session.permanent = true;
    });
    world.clock.advance(DAY);
    expect((await browser.get('/readonly/poll')).cookies).toEqual([]);
    expect((await world.visit(browser)).cookies).toHaveLength(1);
  });

  test('accepts a token that was just renewed, and leaves it to the next request to retire the old one', async () => {
    const { world } = await start({ renewAfter: '1m', renewGrace: '10s' });
    const browser = await world.browserOf('ada');
    const old = browser.clone();
    world.clock.advance(2 * MINUTE);
    await world.visit(browser);
    expect(tokenOf(browser)).not.toBe(tokenOf(old));
    expect((await browser.get('/readonly/poll')).status).toBe(200);
    expect(await world.userOf(browser)).toBe('ada');
  });

  test('throws a TypeError for an assignment, and rejects methods that write with SESSION_READ_ONLY', async () => {
    const { world } = await start();
    const browser = await world.browserWith({ mark: 1 });
    for (const path of ['assign', 'login']) expect((await browser.get(`/readonly/${path}`)).status).toBe(500);
    const lines = world.app.log.lines.join('\n');
    expect(lines).toContain('TypeError');
    expect(lines).toContain('session.login() would write, and this session can only be read.');
    expect((await browser.get('/readonly/unawaited')).status).toBe(200);
    await expect.poll(() => world.app.log.lines.join('\n')).toContain('session.increment()');
    expect(await world.dataOf(browser)).toEqual({ mark: 1 });
  });

  test('saves nothing of what is changed inside of a Map', async () => {
    const { world } = await start();
    const browser = await world.browserWith({ map: new Map([['a', 1]]) });
    world.store.takeCalls();
    expect((await browser.get('/readonly/inside')).status).toBe(200);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('saves what middleware has changed before', async () => {
    const { world, before } = await start();
    const browser = await world.browserWith({ mark: 1 });
    before.change = true;
    expect(body((await browser.get('/readonly/poll')).body)).toEqual({ mark: 1, before: 'kept' });
    const visitor = world.client();
    const first = await visitor.get('/readonly/poll');
    expect([first.cookies.length, body(first.body)]).toEqual([1, { before: 'kept' }]);
    before.change = false;
    expect(await world.dataOf(browser)).toEqual({ mark: 1, before: 'kept' });
    expect(await world.dataOf(visitor)).toEqual({ before: 'kept' });
  });

  test('responds 503 if what was changed before can not be saved', async () => {
    const { world, before } = await start();
    const browser = await world.browserWith({ mark: 1 });
    before.change = true;
    world.store.fail('update');
    expect((await browser.get('/readonly/poll')).status).toBe(503);
    world.store.fail();
  });

  test('begins no session for a visitor', async () => {
    const { world } = await start();
    const reply = await world.client().get('/readonly/blank');
    expect([body(reply.body), reply.cookies]).toEqual([{ isNew: true }, []]);
  });

  test('fails with SESSION_EXCLUDED on an excluded path', async () => {
    const { world } = await start({ exclude: ['/readonly/*'] });
    expect((await world.client().get('/readonly/poll')).status).toBe(500);
    expect(world.app.log.lines.join()).toContain('The option `exclude`');
  });
});
