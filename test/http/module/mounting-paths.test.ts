// Routes under a global prefix, outside of it, in versions, and those that Nest knows nothing of.
import { Controller, Get, type INestApplication, type Type, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessions, Session, type SessionObject } from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';
import { HAS_NEST_12 } from '../../support/peers.js';

type Counting = SessionObject<{ count?: number }>;

const next = (session: Counting) => String((session.count = (session.count ?? 0) + 1));

@Controller()
class RootController {
  @Get()
  root(@Session() session: Counting) {
    return next(session);
  }

  @Get('health')
  health(@Session() session: Counting) {
    return next(session);
  }
}

@Controller('deep/down')
class DeepController {
  @Get(':id')
  deep(@Session() session: Counting) {
    return next(session);
  }
}

@Controller({ path: 'versioned', version: ['1', VERSION_NEUTRAL] })
class FirstController {
  @Get()
  first(@Session() session: Counting) {
    return next(session);
  }
}

@Controller({ path: 'versioned', version: '2' })
class SecondController {
  @Get()
  second(@Session() session: Counting) {
    return next(session);
  }
}

type RawReply = { send(body: string): unknown };

/** Routes that Nest knows nothing of. */
function addRawRoutes(app: INestApplication): void {
  const answer = (request: { session: Counting }, reply: RawReply) => void reply.send(next(request.session));
  const adapter = app.getHttpAdapter();
  adapter.get('/raw', answer);
  adapter.post('/raw/:id', answer);
}

describe.each(PLATFORMS)('on %s, there are sessions', (platform) => {
  const start = (
    configure: (app: INestApplication) => void | Promise<void>,
    controllers: Type[] = [RootController, DeepController],
  ) => startApp({ platform, sessions: { store: new MemorySessionStore() }, controllers, configure });
  const versions = [FirstController, SecondController];

  test('under a global prefix, and on routes that are excluded from it', async () => {
    const app = await start((nest) => void nest.setGlobalPrefix('api', { exclude: ['health'] }));
    const browser = app.client();
    for (const [index, path] of [
      '/api',
      '/api?x=1',
      '/health',
      '/api/deep/down/7',
      '/api/deep/down/%2e%20?x=1',
    ].entries())
      expect([path, (await browser.get(path)).body]).toEqual([path, String(index + 1)]);
  });

  const canAddLate = HAS_NEST_12 || platform === 'fastify';
  test.skipIf(!canAddLate).each<[when: string, add: (nest: INestApplication) => Promise<void> | void]>([
    [
      'after the start',
      async (nest) => {
        await nest.init();
        addRawRoutes(nest);
      },
    ],
    [
      'before it, behind the middleware',
      (nest) => {
        nest.use(nest.get(MongoSessions).middleware);
        addRawRoutes(nest);
      },
    ],
  ])("on the adapter's own routes outside of a global prefix, added %s", async (_, add) => {
    const app = await start(async (nest) => {
      nest.setGlobalPrefix('api');
      await add(nest);
    });
    const browser = app.client();
    expect((await browser.get('/raw')).body).toBe('1');
    expect((await browser.request('/raw/7?x=1', { method: 'POST' })).body).toBe('2');
    expect((await browser.get('/api/health')).body).toBe('3');
  });

  test('in versions by the path', async () => {
    const app = await start(
      (nest) => void nest.enableVersioning({ type: VersioningType.URI }).setGlobalPrefix('api'),
      versions,
    );
    const browser = app.client();
    expect((await browser.get('/api/v1/versioned')).body).toBe('1');
    expect((await browser.get('/api/v2/versioned')).body).toBe('2');
    expect((await browser.get('/api/versioned')).body).toBe('3');
  });

  test('in versions by a header', async () => {
    const app = await start(
      (nest) => void nest.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      versions,
    );
    const browser = app.client();
    expect((await browser.get('/versioned', { headers: { 'x-version': '1' } })).body).toBe('1');
    expect((await browser.get('/versioned', { headers: { 'x-version': '2' } })).body).toBe('2');
    expect((await browser.get('/versioned')).body).toBe('3');
  });

  test('for every method that a handler answers', async () => {
    const app = await start(() => {});
    const browser = app.client();
    const head = await browser.request('/', { method: 'HEAD' });
    expect([head.status, head.cookies.length, head.body]).toEqual([200, 1, '']);
    expect((await browser.get('/')).body).toBe('2');
  });
});
