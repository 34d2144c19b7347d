// @RequireSession over HTTP.
import { Controller, Get } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { RequireSession, SessionError } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS } from '../../support/http.js';
import { DAY, MINUTE, startWorld } from '../../support/world.js';

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
