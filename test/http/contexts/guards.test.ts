// @RequireSession and @ReadonlySession over HTTP.
import { Controller, Get, Post, Res, Sse } from '@nestjs/common';
import { from, interval, map, takeWhile } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ReadonlySession, RequireSession, Session, SessionError, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, type HttpClient, PLATFORMS, takeRaw } from '../../support/http.js';
import { DAY, MINUTE, startWorld, tokenOf } from '../../support/world.js';

type Data = SessionObject<Record<string, unknown>>;

@Controller('require')
class RequiringController {
  @RequireSession()
  @Get('any')
  any() {
    return 'passed';
  }

  @RequireSession({ user: true })
  @Get('user')
  user() {
    return 'passed';
  }

  @RequireSession({ user: true, fresh: '10m' })
  @Get('fresh')
  fresh() {
    return 'passed';
  }

  @RequireSession({ amr: ['otp', 'hwk'] })
  @Get('amr')
  amr() {
    return 'passed';
  }

  @RequireSession({ name: 'absent' })
  @Get('absent')
  absent() {
    return 'passed';
  }
}

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
      map((data) => ({ data })),
    );
  }

  @Get('stream')
  stream(@Res() response: AnyResponse) {
    const raw = takeRaw(response);
    raw.write('a');
    return new Promise((resolve) => raw.end('b', () => resolve(undefined)));
  }
}

@Controller()
class OpenController {
  @ReadonlySession()
  @Post('deferred')
  deferred() {
    return from(['done']);
  }
}

const body = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : text);

describe.each(PLATFORMS)('@RequireSession on %s', (platform) => {
  const start = async () => {
    const world = await startWorld(platform, {}, { controllers: [RequiringController] });
    const ask = async (client: HttpClient, path: string) => {
      const reply = await client.clone().get(`/require/${path}`);
      const { code, reason } = (reply.body.startsWith('{') ? body(reply.body) : {}) as Record<string, string>;
      return [reply.status, ...(code ? [code] : []), ...(reason ? [reason] : [])];
    };
    return { world, ask };
  };

  test('responds 401 SESSION_REQUIRED "none" without a stored session', async () => {
    const { world, ask } = await start();
    const visitor = world.client();
    const reply = await visitor.get('/require/any');
    expect(body(reply.body)).toEqual({
      statusCode: 401,
      message: 'Unauthorized',
      code: 'SESSION_REQUIRED',
      reason: 'none',
    });
    expect([reply.headers['vary'], reply.cookies, world.store.memory.size]).toEqual(['Cookie', [], 0]);
    expect(await ask(visitor, 'user')).toEqual([401, 'SESSION_REQUIRED', 'none']);
    const browser = await world.browserOf('ada');
    world.clock.advance(DAY);
    expect(await ask(browser, 'any')).toEqual([401, 'SESSION_REQUIRED', 'none']);
  });

  test('lets any stored session pass, and with `user` only that of a user', async () => {
    const { world, ask } = await start();
    const anonymous = await world.browserWith();
    expect(await ask(anonymous, 'any')).toEqual([200]);
    expect(await ask(anonymous, 'user')).toEqual([401, 'SESSION_REQUIRED', 'anonymous']);
    expect(await ask(await world.browserOf('ada'), 'user')).toEqual([200]);
  });

  test('asks for a recent login with `fresh`', async () => {
    const { world, ask } = await start();
    const browser = await world.browserOf('ada');
    world.clock.advance(10 * MINUTE - 1);
    expect(await ask(browser, 'fresh')).toEqual([200]);
    world.clock.advance(1);
    expect(await ask(browser, 'fresh')).toEqual([401, 'SESSION_NOT_FRESH', 'stale']);
  });

  test('asks for one of the methods of `amr`', async () => {
    const { world, ask } = await start();
    const browser = world.client();
    await world.visit(browser, ({ session }) => session.login('ada', { amr: ['pwd'] }));
    expect(await ask(browser, 'amr')).toEqual([401, 'SESSION_NOT_FRESH', 'amr']);
    await world.visit(browser, ({ session }) => session.login('ada', { amr: ['pwd', 'otp'] }));
    expect(await ask(browser, 'amr')).toEqual([200]);
    expect(await ask(await world.browserWith(), 'amr')).toEqual([401, 'SESSION_NOT_FRESH', 'anonymous']);
  });

  test('fails with SESSION_NOT_MOUNTED for a name that no registration has', async () => {
    const { world, ask } = await start();
    expect((await ask(world.client(), 'absent'))[0]).toBe(500);
    expect(world.app.log.lines.join()).toMatch(/no session of the name 'absent'.*ask for one of these/);
  });
});

test.each([{ amr: [] }, { amr: 'otp' }, { fresh: 'soon' }, { fresh: 0 }, { user: 'yes' }])(
  '@RequireSession(%j) is refused when the class is declared',
  (options) => {
    expect(() => RequireSession(options as object)).toThrow(SessionError);
    expect(() => RequireSession(options as object)).toThrow(/option `@RequireSession/);
  },
);

describe.each(PLATFORMS)('@ReadonlySession on %s', (platform) => {
  const start = async (sessions = {}, configure?: (before: { change: boolean }) => object) => {
    const before = { change: false };
    const world = await startWorld(platform, sessions, {
      controllers: [ReadingController, OpenController],
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
