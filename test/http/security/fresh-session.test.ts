// @FreshSession: sensitive routes want a login that is not long ago, and say so to the client.
import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { FreshSession, MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type Platform, PLATFORMS, startApp } from '../../support/http.js';
import { TestClock } from '../../../lib/testing/index.js';
import { MINUTE } from '../../support/world.js';

@Controller()
class AccountController {
  @Post('login/:user') login(
    @Session() session: SessionObject,
    @Param('user') user: string,
    @Query('amr') amr?: string,
  ) {
    return session.login(user, amr === undefined ? {} : { amr: amr.split(' ') });
  }

  @Post('cart') fill(@Session() session: SessionObject<{ cart?: number }>) {
    session.cart = 1;
  }

  @Post('upgrade') upgrade(@Session() session: SessionObject) {
    return session.regenerate({ keep: true });
  }

  @Post('reset') reset(@Session() session: SessionObject<{ cart?: number }>): Promise<void> {
    return session.regenerate().then(() => void (session.cart = 2));
  }

  @FreshSession('10m')
  @Get('method')
  method() {
    return 'passed';
  }

  @FreshSession('10m', { amr: ['otp', 'hwk'] })
  @Get('second-factor')
  secondFactor() {
    return 'passed';
  }

  @FreshSession(1)
  @Get('strict')
  strict() {
    return 'passed';
  }
}

@FreshSession('10m')
@Controller('class')
class SensitiveController {
  @Get() whole() {
    return 'passed';
  }

  @FreshSession('1m')
  @Get('stricter')
  stricter() {
    return 'passed';
  }
}

@Controller('admin')
class AdminController {
  @Post('login') login(@Session({ name: 'admin' }) session: SessionObject) {
    return session.login('root');
  }

  @FreshSession('10m', { name: 'admin' })
  @Get()
  show() {
    return 'passed';
  }

  @FreshSession('10m', { name: 'absent' })
  @Get('absent')
  absent() {
    return 'passed';
  }
}

const stale = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_NOT_FRESH', reason: 'stale' };
const anonymous = { ...stale, reason: 'anonymous' };

describe.each(PLATFORMS)('@FreshSession on %s', (platform) => {
  test.each(['/method', '/class'])('lets pass at %s until the limit, and not at it', async (path) => {
    const { clock, browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    expect(await answer(path)).toEqual([200, 'passed']);
    clock.advance(10 * MINUTE - 1);
    expect(await answer(path)).toEqual([200, 'passed']);
    clock.advance(1);
    expect(await answer(path)).toEqual([401, stale]);
    clock.advance(1);
    expect(await answer(path)).toEqual([401, stale]);
  });

  test('on class and method holds both', async () => {
    const { clock, browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    clock.advance(MINUTE - 1);
    expect(await answer('/class/stricter')).toEqual([200, 'passed']);
    clock.advance(1);
    expect(await answer('/class/stricter')).toEqual([401, stale]);
    expect(await answer('/class')).toEqual([200, 'passed']);
  });

  test('takes milliseconds', async () => {
    const { clock, browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    expect(await answer('/strict')).toEqual([200, 'passed']);
    clock.advance(1);
    expect(await answer('/strict')).toEqual([401, stale]);
  });

  test('tells who has no user to log in, whether there is a session or not', async () => {
    const { browser, answer } = await start(platform);
    expect(await answer('/method')).toEqual([401, anonymous]);
    await browser.post('/cart', {});
    expect(await answer('/method')).toEqual([401, anonymous]);
  });

  test('is satisfied by another login, and by no use and no regenerate', async () => {
    const { clock, browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    clock.advance(10 * MINUTE);
    await browser.post('/cart', {});
    await browser.post('/upgrade', {});
    expect(await answer('/method')).toEqual([401, stale]);
    await browser.post('/login/ada', {});
    expect(await answer('/method')).toEqual([200, 'passed']);
    await browser.post('/upgrade', {});
    expect(await answer('/method')).toEqual([200, 'passed']);
    await browser.post('/reset', {});
    expect(await answer('/method')).toEqual([401, anonymous]);
  });

  test.each([
    ['', false],
    ['?amr=pwd', false],
    ['?amr=OTP', false],
    ['?amr=otp', true],
    ['?amr=pwd%20hwk', true],
  ])('with amr, after a login %s: passes is %s', async (query, passes) => {
    const { clock, browser, answer } = await start(platform);
    expect(await answer('/second-factor')).toEqual([401, anonymous]);
    await browser.post(`/login/ada${query}`, {});
    expect(await answer('/second-factor')).toEqual(passes ? [200, 'passed'] : [401, { ...stale, reason: 'amr' }]);
    expect(await answer('/method')).toEqual([200, 'passed']);
    clock.advance(10 * MINUTE);
    expect(await answer('/second-factor')).toEqual([401, stale]);
  });

  test('takes an expired session for none', async () => {
    const { clock, browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    clock.advance(30 * MINUTE);
    expect(await answer('/method')).toEqual([401, anonymous]);
  });

  test('asks the registration that it names, and no other', async () => {
    const { browser, answer } = await start(platform);
    await browser.post('/login/ada', {});
    expect(await answer('/admin')).toEqual([401, anonymous]);
    await browser.post('/admin/login', {});
    expect(await answer('/admin')).toEqual([200, 'passed']);
    expect((await answer('/admin/absent'))[0]).toBe(500);
  });

  test('answers 401 that no cache may mix up, and that starts no session', async () => {
    const { browser, store } = await start(platform);
    const reply = await browser.get('/method');
    expect([reply.headers['vary'], reply.cookies, store.size]).toEqual(['Cookie', [], 0]);
  });
});

test.each(['', '10 minutes', 0, -1, NaN, null, undefined])('@FreshSession(%j) stops the start', (within) => {
  expect(() => FreshSession(within as string as '10m')).toThrow(/option `@FreshSession` is .* milliseconds/);
});

test.each([[[]], ['otp'], [['o tp']], [[5]], [null], [{ $in: ['otp'] }]])(
  '@FreshSession with amr %j stops the start',
  (amr) => {
    expect(() => FreshSession('10m', { amr: amr as string[] })).toThrow(/option `@FreshSession amr` is .* RFC 8176/);
  },
);

async function start(platform: Platform) {
  const clock = new TestClock();
  const store = new MemorySessionStore();
  const app = await startApp({
    platform,
    controllers: [AccountController, SensitiveController, AdminController],
    sessions: [
      { store, clock },
      { name: 'admin', store: new MemorySessionStore(), clock },
    ],
  });
  const browser = app.client();
  const answer = async (path: string): Promise<[status: number, body: unknown]> => {
    const { status, body } = await browser.get(path);
    return [status, body.startsWith('{') ? JSON.parse(body) : body];
  };
  return { clock, store, browser, answer };
}
