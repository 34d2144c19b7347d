// Whatever a request's path leads to: prefixes, versions, encoded paths, nothing at all, and requests that go wrong early.
import { type ArgumentsHost, Controller, Get, type INestApplication, Param, Post, Query } from '@nestjs/common';
import { VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { MongoSessions, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { lookingFilter } from '../../support/looking-filter.js';
import { HAS_NEST_12 } from '../../support/peers.js';
import { type Way, describePaths, knownBrowser, markOf, ownCookies, withBody } from './contract.js';
import { MarkController, type Marked, put } from './mark.controller.js';

interface AnyRequest {
  session: SessionObject<Marked>;
  query: { mark?: string };
}

@Controller()
class RoutedController {
  @Get(['routed', 'health', 'encoded/:name'])
  routed(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string, @Param('name') name = 'routed') {
    put(session, mark);
    return name;
  }

  @Post('posted') posted() {
    return 'posted';
  }
}

@Controller({ version: ['2', VERSION_NEUTRAL] })
class VersionedController extends RoutedController {}

/** Changes the session where only a filter is left to do it. */
const markingFilter = lookingFilter((_exception, host: ArgumentsHost) => {
  const { session, query } = host.switchToHttp().getRequest<AnyRequest>();
  put(session, query.mark);
});

/** A route that Nest knows nothing of. */
const answer = (request: AnyRequest, response: AnyResponse) => {
  put(request.session, request.query.mark);
  response.send("the adapter's");
};

describe('a global prefix', () => {
  const own = { isOffered: HAS_NEST_12 };
  describePaths({
    mark: '/api/mark',
    ways: [
      withBody('a route below it', '/api/routed', 'routed'),
      withBody('a route excluded from it', '/health', 'routed'),
      { ...withBody("a route of the adapter's own, behind the middleware", '/early', "the adapter's"), ...own },
      { ...withBody("a route of the adapter's own, after the start", '/late', "the adapter's"), ...own },
      { ...withBody("a route of the adapter's own, by POST", '/posted/7', "the adapter's"), ...own, method: 'POST' },
    ],
    app: {
      controllers: [RoutedController],
      configure: async (app) => {
        app.setGlobalPrefix('api', { exclude: ['health'] });
        app.use(app.get(MongoSessions).middleware);
        app.getHttpAdapter().get('/early', answer);
        // On Express a route has the middleware that was there before it.
        await app.init();
        app.getHttpAdapter().get('/late', answer);
        app.getHttpAdapter().post('/posted/:id', answer);
      },
    },
  });
});

describe('versions', () => {
  const controllers = [VersionedController];
  describe('in the path', () => {
    describePaths({
      ways: [withBody('a version', '/v2/routed', 'routed'), withBody('no version', '/routed', 'routed')],
      app: { controllers, configure: (app) => void app.enableVersioning({ type: VersioningType.URI }) },
    });
  });
  describe('in a header', () => {
    const configure = (app: INestApplication) =>
      void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    describePaths({
      ways: [{ ...withBody('a version', '/routed', 'routed'), headers: { 'x-version': '2' } }],
      app: { controllers, configure },
    });
  });
});

const controllers = [RoutedController];
const notFound: Way = { name: '404', path: '/nowhere/at/all', status: 404 };
const malformed: Way = {
  ...{ name: 'a malformed body', method: 'POST', path: '/posted', status: 400 },
  headers: { 'content-type': 'application/json' },
  body: '{"never": ',
};
const tooLarge: Way = {
  ...malformed,
  ...{ name: 'a body that is too large', body: JSON.stringify('x'.repeat(2 << 20)), status: 413 },
};

describe('paths', () => {
  describePaths({
    ways: [
      withBody('encoded letters', '/encoded/caf%C3%A9%20noir', 'café noir'),
      withBody('an encoded slash', '/encoded/a%2Fb', 'a/b'),
      notFound,
    ],
    app: { controllers, providers: [markingFilter] },
  });
});

describe('body parser errors, with the sessions in front of the parser', () => {
  const configure = (app: INestApplication) => void app.use(app.get(MongoSessions).middleware);
  describePaths({ ways: [notFound, malformed, tooLarge], app: { controllers, providers: [markingFilter], configure } });
});

describe('body parser errors, as mounted by itself', () => {
  const database = testDatabase();
  describe.each(PLATFORMS)('%s', (platform) => {
    const app = sharedApp(() => ({
      ...{ platform, controllers: [MarkController, RoutedController] },
      sessions: { uri: database.uri, collection: 'sessions' },
    }));

    it.each<Way>([malformed, tooLarge, { name: 'a malformed path', path: '/encoded/%zz', status: 400 }])(
      '$name leaves the session alone',
      async ({ path, status, ...options }) => {
        const browser = await knownBrowser(app(), { path: '/routed' });
        const reply = await browser.request(path, options);
        expect(reply.status).toBe(status);
        expect(ownCookies(reply)).toEqual([]);
        expect(await markOf(browser)).toBe('first');
      },
    );
  });
});
