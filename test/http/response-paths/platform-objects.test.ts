// What a session adds to the platform's request and response, and what it leaves as it is.
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Controller, Get, type INestApplication, Query, Req, Res } from '@nestjs/common';
import express, { type Express, type Request, type Response } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemorySessionStore, MongoSessions, Session, type SessionObject } from '../../../lib/index.js';
import { type AppOptions, HttpClient, PLATFORMS, startApp } from '../../support/http.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { MarkController, type Marked, put } from './mark.controller.js';

/** Whose writes take some turns, so that an answer that does not wait is there first. */
class SlowStore extends MemorySessionStore {
  written = 0;

  override async insert(...args: Parameters<MemorySessionStore['insert']>) {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    await super.insert(...args);
    this.written++;
  }
}

@Controller()
class ShapeController {
  @Get('put') put(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return { mark };
  }

  @Get('nothing') nothing() {
    return 'nothing';
  }

  @Get('seen/:id')
  seen(@Req() { next, baseUrl, originalUrl, params, route, res, body }: Request, @Res() response: Response) {
    const { path } = route as { path: string };
    const types = {
      next: typeof next,
      body: body as unknown,
      locals: Object.getPrototypeOf(response.locals) as unknown,
    };
    response.json({ baseUrl, originalUrl, params, path, ...types, same: res === response });
  }

  @Get('taken') taken(@Req() { session }: { session: unknown }) {
    return session;
  }
}

const start = (options: Partial<AppOptions> = {}) =>
  startApp({
    platform: 'express',
    controllers: [ShapeController, MarkController],
    sessions: { store: new MemorySessionStore() },
    ...options,
  });

const mark = async (client: HttpClient) => JSON.parse((await client.get('/mark')).body) as Marked;

describe.each(PLATFORMS)('a response of %s', (platform) => {
  /** The response as it was when it had ended. */
  async function responseTo(url: string): Promise<ServerResponse> {
    let seen: ServerResponse | undefined;
    const configure = (app: INestApplication) => {
      app.use((_request: unknown, response: ServerResponse, next: () => void) => {
        seen = response;
        next();
      });
    };
    const app = await start({ platform, configure });
    await app.client().get(url);
    return seen!;
  }

  const ours = (response: ServerResponse) =>
    Object.getOwnPropertySymbols(response).filter(({ description }) => description?.includes('mongo-sessions'));

  test('carries nothing of ours if nobody asks for a session', async () => {
    const response = await responseTo('/nothing');
    expect(ours(response)).toEqual([]);
    for (const name of ['writeHead', 'write', 'end', 'flushHeaders', 'on', 'headersSent', 'setHeader']) {
      expect(Object.hasOwn(response, name)).toBe(false);
    }
  });

  test.each(['/put', '/put?mark=set'])('carries one symbol for %s, and prints no session', async (url) => {
    const response = await responseTo(url);
    expect(ours(response)).toHaveLength(1);
    expect(Object.getOwnPropertyDescriptor(response, ours(response)[0]!)).toMatchObject({ enumerable: false });
    expect(inspect(response, { depth: Infinity })).not.toMatch(/mongo-sessions|manager|cycle/i);
  });
});

test('request and response are what Express makes of them', async () => {
  const app = await start();
  expect(JSON.parse((await app.client().get('/seen/7?a=b')).body)).toEqual({
    ...{ baseUrl: '', originalUrl: '/seen/7?a=b', params: { id: '7' }, path: '/seen/:id' },
    ...{ next: 'function', locals: null, same: true },
  });
});

test('nothing of it is printed with a request or a response', async () => {
  let printed = '';
  const configure = (app: INestApplication) => {
    app.use((request: Request, response: Response, next: () => void) => {
      printed = inspect([request, response], { depth: 0 }) + Object.keys(request).join() + Object.keys(response).join();
      next();
    });
  };
  const app = await start({ configure });
  await app.client().get('/put?mark=set');
  expect(printed).not.toMatch(/nestjs-mongo-sessions|session/i);
});

test('a server of the app has sessions whose answers are held, though it knows nothing of us', async () => {
  const store = new SlowStore();
  const { nest } = await start({ sessions: { store } });
  const server = createServer(nest.getHttpAdapter().getInstance() as Express);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new HttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
  await client.get('/put?mark=set');
  expect(store.written).toBe(1);
  expect(await mark(client)).toEqual({ mark: 'set' });
});

test('an answer of another Express app, which gives the response another prototype, is held too', async () => {
  const store = new SlowStore();
  const writtenAtEnd: number[] = [];
  const other = express();
  other.get('/other', (request, response) => {
    put(sessionOf(request), 'other');
    response.on('finish', () => writtenAtEnd.push(store.written));
    response.send('from the other app');
  });
  const configure = (app: INestApplication) => {
    app.use(app.get(MongoSessions).middleware);
    app.use((request: Request, response: Response, next: () => void) =>
      request.url === '/other' ? other(request, response) : next(),
    );
  };
  const app = await start({ sessions: { store }, configure });
  const client = app.client();
  expect((await client.get('/other')).body).toBe('from the other app');
  expect(writtenAtEnd).toEqual([1]);
  expect(await mark(client)).toEqual({ mark: 'other' });
});

test.each([
  ['derived from', (response: Response) => Object.create(response) as Response],
  ['a proxy of', (response: Response) => new Proxy(response, {})],
])('an object %s the response is as good as it', async (_what, wrapped) => {
  const seen: unknown[] = [];
  const configure = (app: INestApplication) => {
    app.use((request: Request, response: Response, next: () => void) => {
      const look = () => {
        const { headersSent, writableEnded } = wrapped(response);
        seen.push({ headersSent, writableEnded });
      };
      look();
      wrapped(response).setHeader('x-set', request.url);
      wrapped(response).on('finish', look);
      next();
    });
  };
  const app = await start({ configure });
  const client = app.client();
  for (const url of ['/put?mark=set', '/seen/1']) {
    expect((await client.get(url)).headers).toMatchObject({ 'x-set': url });
  }
  const before = { headersSent: false, writableEnded: false };
  const after = { headersSent: true, writableEnded: true };
  expect(seen).toEqual([before, after, before, after]);
});

test('a session of another name leaves request.session alone, which another session library has taken', async () => {
  const configure = (app: INestApplication) => {
    app.use((request: { session?: unknown }, _response: Response, next: () => void) => {
      request.session = { of: 'the other' };
      next();
    });
  };
  const app = await start({ sessions: { store: new MemorySessionStore(), name: 'admin' }, configure });
  expect(JSON.parse((await app.client().get('/taken')).body)).toEqual({ of: 'the other' });
});
