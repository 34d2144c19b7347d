// @FreshSession: sensitive routes want a login that is not long ago, and say so to the client.
import { Controller, Get } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { FreshSession, MemorySessionStore, MongoSessionsModule } from '../../lib/index.js';
import { sessionOf } from '../../lib/http/request-sessions.js';
import { type Platform, PLATFORMS } from '../support/http.js';
import { type AnySession, type Handle, MINUTE, startWorld } from '../support/world.js';

@Controller()
class SensitiveController {
  @FreshSession('10m') @Get('method') method() {
    return 'passed';
  }

  @FreshSession('10m', { amr: ['otp', 'hwk'] }) @Get('second-factor') secondFactor() {
    return 'passed';
  }

  @FreshSession(1) @Get('strict') strict() {
    return 'passed';
  }

  @FreshSession('10m', { name: 'admin' }) @Get('admin') admin() {
    return 'passed';
  }

  @FreshSession('10m', { name: 'absent' }) @Get('absent') absent() {
    return 'passed';
  }
}

@FreshSession('10m')
@Controller('class')
class SensitiveClass {
  @Get() whole() {
    return 'passed';
  }

  @FreshSession('1m') @Get('stricter') stricter() {
    return 'passed';
  }
}

const stale = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_NOT_FRESH', reason: 'stale' };
const anonymous = { ...stale, reason: 'anonymous' };
const login: Handle = ({ session }) => session.login('ada');
const upgrade: Handle = ({ session }) => session.regenerate({ keep: true });
const fill: Handle = ({ session }) => void (session['cart'] = 1);

async function start(platform: Platform, given: Handle = () => 'seen') {
  const admin = MongoSessionsModule.forRoot({ name: 'admin', store: new MemorySessionStore() });
  const app = { controllers: [SensitiveController, SensitiveClass], imports: [admin] };
  const world = await startWorld(platform, {}, app);
  const browser = world.client();
  const act = (handle: Handle) => world.visit(browser, handle);
  await act(given);
  const answer = async (path: string): Promise<[status: number, body: unknown]> => {
    const { status, body } = await browser.get(path);
    return [status, body.startsWith('{') ? JSON.parse(body) : body];
  };
  return { world, clock: world.clock, browser, act, answer };
}

describe.each(PLATFORMS)('@FreshSession on %s', (platform) => {
  test.each([
    ['/method', 10 * MINUTE],
    ['/class', 10 * MINUTE],
    ['/strict', 1],
  ])('lets pass at %s until the limit, and not at it', async (path, limit) => {
    const { clock, answer } = await start(platform, login);
    expect(await answer(path)).toEqual([200, 'passed']);
    clock.advance(limit - 1);
    expect(await answer(path)).toEqual([200, 'passed']);
    for (let round = 0; round < 2; round++) {
      clock.advance(1);
      expect(await answer(path)).toEqual([401, stale]);
    }
  });

  test('on class and method holds both', async () => {
    const { clock, answer } = await start(platform, login);
    clock.advance(MINUTE - 1);
    expect(await answer('/class/stricter')).toEqual([200, 'passed']);
    clock.advance(1);
    expect(await answer('/class/stricter')).toEqual([401, stale]);
    expect(await answer('/class')).toEqual([200, 'passed']);
  });

  test('tells who has no user to log in, whether there is a session or not', async () => {
    const { clock, act, answer } = await start(platform);
    expect(await answer('/method')).toEqual([401, anonymous]);
    await act(fill);
    expect(await answer('/method')).toEqual([401, anonymous]);
    // An expired session is none.
    await act(login);
    clock.advance(30 * MINUTE);
    expect(await answer('/method')).toEqual([401, anonymous]);
  });

  test.each<[string[] | undefined, boolean]>([
    [undefined, false],
    [['pwd'], false],
    [['OTP'], false],
    [['otp'], true],
    [['pwd', 'hwk'], true],
  ])('with amr, after a login by %j: passes is %s', async (amr, passes) => {
    const { clock, act, answer } = await start(platform);
    expect(await answer('/second-factor')).toEqual([401, anonymous]);
    await act(({ session }) => session.login('ada', amr && { amr }));
    expect(await answer('/second-factor')).toEqual(passes ? [200, 'passed'] : [401, { ...stale, reason: 'amr' }]);
    expect(await answer('/method')).toEqual([200, 'passed']);
    clock.advance(10 * MINUTE);
    expect(await answer('/second-factor')).toEqual([401, stale]);
  });

  test('is satisfied by another login, and by no use and no regenerate', async () => {
    const { clock, act, answer } = await start(platform, login);
    clock.advance(10 * MINUTE);
    await act(fill);
    await act(upgrade);
    expect(await answer('/method')).toEqual([401, stale]);
    await act(login);
    expect(await answer('/method')).toEqual([200, 'passed']);
    await act(upgrade);
    expect(await answer('/method')).toEqual([200, 'passed']);
    await act(({ session }) => session.regenerate().then(() => void (session['cart'] = 2)));
    expect(await answer('/method')).toEqual([401, anonymous]);
  });

  test('asks the registration that it names, and no other', async () => {
    const { act, answer } = await start(platform, login);
    expect(await answer('/admin')).toEqual([401, anonymous]);
    await act(({ request }) => (sessionOf(request, 'admin') as AnySession).login('root'));
    expect(await answer('/admin')).toEqual([200, 'passed']);
    expect((await answer('/absent'))[0]).toBe(500);
  });

  test('answers 401 that no cache may mix up, and that starts no session', async () => {
    const { world, browser } = await start(platform);
    const reply = await browser.get('/method');
    expect([reply.headers['vary'], reply.cookies, world.store.memory.size]).toEqual(['Cookie', [], 0]);
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
