// The option read: 'on-demand': nothing is read until somebody asks for the session.
import {
  type CanActivate,
  type ExecutionContext,
  Controller,
  Get,
  Injectable,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import {
  MongoSessions,
  ReadonlySession,
  RequireSession,
  Session,
  type SessionObject,
  type SessionOptions,
} from '../../../lib/index.js';
import { type HttpClient, PLATFORMS } from '../../support/http.js';
import { startWorld } from '../../support/world.js';

type Data = SessionObject<Record<string, unknown>>;

@Injectable()
class Guard implements CanActivate {
  constructor(private readonly sessions: MongoSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    return (await this.sessions.from(context)).userId === 'ada';
  }
}

@Controller('on-demand')
class LazyController {
  constructor(private readonly sessions: MongoSessions) {}

  @Get('nothing')
  nothing() {
    return 'done';
  }

  @Get('session')
  session(@Session() session: Data) {
    return { user: session.userId, ...session };
  }

  @Get('key')
  key(@Session<{ mark?: string }>('mark') mark: unknown) {
    return { mark };
  }

  @Get('all')
  async all(
    @Session() one: Data,
    @Session() two: Data,
    @Session<{ mark?: string }>('mark') mark: unknown,
    @Req() request: object,
  ) {
    const three = await this.sessions.from(request);
    return { isSame: one === two && two === three && (request as { session: Data }).session === one, mark };
  }

  @Get('parallel')
  async parallel(@Req() request: object) {
    const [one, two] = await Promise.all([this.sessions.from(request), this.sessions.from(request)]);
    return { isSame: one === two };
  }

  @Get('request')
  request(@Req() request: { session: Data }) {
    return { ...request.session };
  }

  @UseGuards(Guard)
  @Get('guarded')
  guarded() {
    return 'passed';
  }

  @RequireSession({ user: true })
  @Get('required')
  required() {
    return 'passed';
  }

  @ReadonlySession()
  @Get('readonly')
  readonly(@Session() session: Data) {
    return { ...session };
  }

  @Post('login')
  async login(@Session() session: Data) {
    await session.login('ada');
    session['mark'] = 'by login';
  }

  @Post('mark')
  mark(@Session() session: Data) {
    session['mark'] = 'marked';
  }
}

describe.each(PLATFORMS)("read: 'on-demand' on %s", (platform) => {
  const start = async (sessions: SessionOptions = {}, usesMiddleware = false) => {
    const world = await startWorld(
      platform,
      { read: 'on-demand', ...sessions },
      {
        controllers: [LazyController],
        providers: [Guard],
        configure: (app) => {
          if (usesMiddleware) app.use('/on-demand/request', app.get(MongoSessions).middleware);
          // On Fastify, sessions are mounted in front of the first middleware as well.
          app.use((_request: unknown, _response: unknown, next: () => void) => next());
        },
      },
    );
    const get = async (client: HttpClient, path: string) => {
      const { status, body } = await client.get(`/on-demand/${path}`);
      return [status, body.startsWith('{') && status === 200 ? (JSON.parse(body) as unknown) : body];
    };
    const browser = world.client();
    expect((await browser.post('/on-demand/login', {})).status).toBe(201);
    world.store.takeCalls();
    return { world, browser, get };
  };

  test('sends no command on a route that does not ask, and guards no response', async () => {
    const { world, browser, get } = await start();
    expect(await get(browser, 'nothing')).toEqual([200, 'done']);
    const reply = await browser.get('/on-demand/nothing');
    expect([reply.headers['vary'], reply.cookies]).toEqual([undefined, []]);
    expect(world.store.takeCalls()).toEqual([]);
  });

  test.each([
    ['session', { user: 'ada', mark: 'by login' }],
    ['key', { mark: 'by login' }],
    ['all', { isSame: true, mark: 'by login' }],
    ['parallel', { isSame: true }],
    ['guarded', 'passed'],
    ['required', 'passed'],
    ['readonly', { mark: 'by login' }],
  ])('reads once for /%s', async (path, expected) => {
    const { world, browser, get } = await start();
    expect(await get(browser, path)).toEqual([200, expected]);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('begins, changes and ends sessions as ever', async () => {
    const { world, get } = await start();
    const visitor = world.client();
    expect((await visitor.post('/on-demand/mark', {})).cookies).toHaveLength(1);
    expect(await get(visitor, 'key')).toEqual([200, { mark: 'marked' }]);
    expect(await get(visitor, 'guarded')).toEqual([403, expect.anything()]);
  });

  test('lets request.session throw SESSION_NOT_LOADED before anybody has asked, with and without a cookie', async () => {
    const { world, browser, get } = await start();
    for (const client of [browser, world.client()]) expect((await get(client, 'request'))[0]).toBe(500);
    expect(world.app.log.lines.filter((line) => line.includes("option `read: 'on-demand'`"))).toHaveLength(2);
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('reads it for MongoSessions.middleware of main.ts', async () => {
    const { world, browser, get } = await start({}, true);
    expect(await get(browser, 'request')).toEqual([200, { mark: 'by login' }]);
    expect(await get(browser, 'nothing')).toEqual([200, 'done']);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('responds 503 only where the session is needed', async () => {
    const { world, browser, get } = await start();
    world.store.fail('find');
    expect(await get(browser, 'nothing')).toEqual([200, 'done']);
    expect((await get(browser, 'session'))[0]).toBe(503);
    expect((await get(browser, 'guarded'))[0]).toBe(503);
    world.store.fail();
  });

  test('counts as use when it is asked for', async () => {
    const { world, browser, get } = await start({ idleTimeout: '10m' });
    world.clock.advance(6 * 60_000);
    await get(browser, 'key');
    expect(world.store.takeCalls()).toEqual(['find', 'update']);
    world.clock.advance(6 * 60_000);
    expect(await get(browser, 'key')).toEqual([200, { mark: 'by login' }]);
  });
});
