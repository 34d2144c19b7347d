// `requestSession: false`, and what is refused at start.
import { type CanActivate, Controller, type ExecutionContext, Get, Req, UseGuards } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject, type SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, type AppOptions, startApp } from '../../support/app.js';

/** As Nest modules of better-auth do: the library's own session stands on the request. */
class OtherLibraryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ session: unknown; user: unknown }>();
    request.session = { session: { token: 'theirs' }, user: { name: 'ada' } };
    return true;
  }
}

@Controller()
class BothController {
  @Get('both')
  @UseGuards(OtherLibraryGuard)
  both(@Req() request: { session: { user: object } }, @Session() session: SessionObject<{ visits?: number }>) {
    session.visits = (session.visits ?? 0) + 1;
    return [request.session.user, session.visits];
  }

  @Get('none') none(@Req() request: object) {
    return ['session' in request, 'sessionID' in request, 'sessionStore' in request];
  }
}

const options = (given: SessionOptions): SessionOptions => ({ store: new MemorySessionStore(), ...given });

describe.each(PLATFORMS)('requestSession: false on %s', (platform) => {
  const start = (name: string) =>
    startApp({ platform, controllers: [BothController], sessions: options({ name, requestSession: false }) });

  test.each(['default', 'admin'])(
    'leaves request.session of the registration %s to a guard of another library',
    async (name) => {
      const browser = (await start(name)).client();
      expect((await browser.get('/both')).body).toBe('[{"name":"ada"},1]');
      expect((await browser.get('/both')).body).toBe('[{"name":"ada"},2]');
      expect((await browser.get('/none')).body).toBe('[false,false,false]');
    },
  );

  test('without it, the guard is refused, and the error names it', async () => {
    const app = await startApp({ platform, controllers: [BothController], sessions: options({}) });
    expect((await app.client().get('/both')).status).toBe(500);
    expect(app.log.lines).toContainEqual(expect.stringContaining('`requestSession: false`'));
  });
});

test('requestSession: false leaves request.session of Fastify to a plugin of main.ts', async () => {
  const configure: AppOptions['configure'] = (nest) => {
    const fastify = nest.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    fastify.decorateRequest('session');
    fastify.addHook('onRequest', (request, _reply, done) => {
      (request as { session: unknown }).session = { user: { name: 'plugin' } };
      done();
    });
  };
  const sessions = options({ requestSession: false });
  const app = await startApp({ platform: 'fastify', controllers: [BothController], sessions, configure });
  expect((await app.client().get('/both')).body).toBe('[{"name":"ada"},1]');
});

test('a request.session of Express that is there before the face stays, with one warning', async () => {
  @Controller()
  class TakenController {
    @Get() show(
      @Req() request: { session: unknown; sessionID?: unknown },
      @Session() session: SessionObject<{ a?: 1 }>,
    ) {
      return [request.session, request.sessionID ?? null, session.isNew];
    }
  }
  const store = new MemorySessionStore();
  const app = await startApp({
    platform: 'express',
    controllers: [TakenController],
    sessions: { store, requestSession: { as: 'express-session', storeEmpty: true } },
    beforeNest: (adapter) =>
      adapter.use((request: { session: unknown }, _response: unknown, next: () => void) => {
        request.session = { theirs: true };
        next();
      }),
  });
  const browser = app.client();
  for (let visit = 0; visit < 2; visit++) expect((await browser.get('/')).body).toBe('[{"theirs":true},null,true]');
  expect(store.size).toBe(0);
  expect(app.log.lines.filter((line) => line.includes('request.session is taken'))).toHaveLength(1);
});

describe.each(PLATFORMS)('requestSession of several registrations on %s', (platform) => {
  test('is refused on a registration that does not own request.session', async () => {
    const [face, plain] = [options({ name: 'admin', requestSession: 'express-session' }), options({})];
    for (const sessions of [
      [face, plain],
      [plain, face],
      [face, options({ name: 'shop' })],
      [options({ name: 'admin', requestSession: false }), plain],
    ])
      await expect(startApp({ platform, sessions })).rejects.toThrow(
        /option `requestSession` of the registration 'admin' has no effect/,
      );
  });

  test.each([0, 1])('belongs to the one without a name, whichever comes first (%i)', async (first) => {
    @Controller()
    class ShownController {
      @Get() show(@Req() request: { session: Record<string, unknown> }) {
        request.session['userId'] = 7;
        return Object.keys(request.session);
      }
    }
    const sessions = [options({ requestSession: 'express-session' }), options({ name: 'admin' })];
    const app = await startApp({
      platform,
      controllers: [ShownController],
      sessions: first === 0 ? sessions : sessions.toReversed(),
    });
    expect((await app.client().get('/')).body).toBe('["cookie","userId"]');
  });
});

test("'fastify-session' is refused on Express", async () => {
  const sessions = options({ requestSession: 'fastify-session' });
  await expect(startApp({ platform: 'express', sessions })).rejects.toThrow(
    /`requestSession` is .*'?"?fastify-session/,
  );
});
