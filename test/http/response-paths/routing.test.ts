// Whatever a request's path leads to: prefixes, versions, encoded paths, nothing at all, and requests that go wrong early.
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Get,
  type INestApplication,
  Param,
  Post,
  Query,
  VersioningType,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { MongoSessions, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { type Way, describePaths, knownBrowser, markOf, ownCookies } from './contract.js';
import { MarkController, type Marked, put } from './mark.controller.js';
import { HAS_NEST_12 } from '../../support/peers.js';

type MarkedSession = SessionObject<Marked>;

interface AnyRequest {
  session: MarkedSession;
  query: { mark?: string };
}

@Controller()
class RoutedController {
  @Get('routed')
  routed(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return 'routed';
  }

  @Get('health')
  outside(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return 'outside of the prefix';
  }

  @Get('encoded/:name')
  encoded(@Session() session: MarkedSession, @Param('name') name: string, @Query('mark') mark?: string) {
    put(session, mark);
    return name;
  }

  @Post('posted')
  posted() {
    return 'posted';
  }
}

@Controller({ version: '2' })
class VersionedController extends RoutedController {}

/** Changes the session where only a filter is left to do it. */
@Catch()
class MarkingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    const { session, query } = host.switchToHttp().getRequest<AnyRequest>();
    put(session, query.mark);
    super.catch(exception, host);
  }
}

const markingFilter = {
  provide: APP_FILTER,
  useFactory: ({ httpAdapter }: HttpAdapterHost) => new MarkingFilter(httpAdapter),
  inject: [HttpAdapterHost],
};

const body = (text: string): Pick<Way, 'check'> => ({ check: (reply) => expect(reply.body).toBe(text) });

describe('a global prefix', () => {
  describePaths({
    mark: '/api/mark',
    ways: [
      { name: 'a route below it', path: '/api/routed', status: 200, ...body('routed') },
      { name: 'a route excluded from it', path: '/health', status: 200, ...body('outside of the prefix') },
      {
        name: "a route of the adapter's own",
        path: '/adapter',
        status: 200,
        isOffered: HAS_NEST_12,
        ...body("the adapter's"),
      },
    ],
    app: {
      controllers: [MarkController, RoutedController],
      configure: async (app) => {
        app.setGlobalPrefix('api', { exclude: ['health'] });
        // On Express a route has the middleware that was there before it.
        await app.init();
        app.getHttpAdapter().get('/adapter', (request: AnyRequest, response: AnyResponse) => {
          put(request.session, request.query.mark);
          response.send("the adapter's");
        });
      },
    },
  });
});

describe('versions', () => {
  const controllers = [MarkController, VersionedController];
  describe('in the path', () => {
    describePaths({
      ways: [{ name: 'a version', path: '/v2/routed', status: 200, ...body('routed') }],
      app: { controllers, configure: (app) => void app.enableVersioning({ type: VersioningType.URI }) },
    });
  });
  describe('in a header', () => {
    const headers = { 'x-version': '2' };
    describePaths({
      ways: [{ name: 'a version', path: '/routed', headers, status: 200, ...body('routed') }],
      app: {
        controllers,
        configure: (app) => void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      },
    });
  });
});

const controllers = [MarkController, RoutedController];
const notFound: Way = { name: '404', path: '/nowhere/at/all', status: 404 };

describe('paths', () => {
  describePaths({
    ways: [
      { name: 'encoded letters', path: '/encoded/caf%C3%A9%20noir', status: 200, ...body('café noir') },
      { name: 'an encoded slash', path: '/encoded/a%2Fb', status: 200, ...body('a/b') },
      notFound,
    ],
    app: { controllers, providers: [markingFilter] },
  });
});

const malformed: Way = {
  name: 'a malformed body',
  method: 'POST',
  path: '/posted',
  headers: { 'content-type': 'application/json' },
  body: '{"never": ',
  status: 400,
};
const tooLarge: Way = {
  ...malformed,
  name: 'a body that is too large',
  body: JSON.stringify('x'.repeat(2 << 20)),
  status: 413,
};

describe('body parser errors, with the sessions in front of the parser', () => {
  const configure = (app: INestApplication) => void app.use(app.get(MongoSessions).middleware);
  describePaths({
    ways: [notFound, malformed, tooLarge],
    app: { controllers, providers: [markingFilter], configure },
  });
});

describe('body parser errors, as mounted by itself', () => {
  const database = testDatabase();
  describe.each(PLATFORMS)('%s', (platform) => {
    const app = sharedApp(() => ({ platform, controllers, sessions: { uri: database.uri, collection: 'sessions' } }));

    it.each([malformed, tooLarge])('$name leaves the session alone', async ({ path, status, ...options }) => {
      const browser = await knownBrowser(app(), { path: '/routed' });
      const reply = await browser.request(path, options);
      expect(reply.status).toBe(status);
      expect(ownCookies(reply)).toEqual([]);
      expect(await markOf(browser)).toBe('first');
    });

    it('a malformed path is answered without a session', async () => {
      const browser = await knownBrowser(app(), { path: '/routed' });
      const reply = await browser.get('/encoded/%zz');
      expect(reply.status).toBe(400);
      expect(reply.cookies).toEqual([]);
      expect(await markOf(browser)).toBe('first');
    });
  });
});
