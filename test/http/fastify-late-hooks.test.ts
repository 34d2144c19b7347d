// On Fastify the session is looked at for the answer in a hook. What hooks after that one change, and what stands in front of the headers, is saved too.
import { Controller, Get, type INestApplication, Res } from '@nestjs/common';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify as createFastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../lib/index.js';
import { type AppOptions, startApp } from '../support/http.js';

type Visits = { visits?: number };

const fastifyOf = (app: INestApplication) => app.getHttpAdapter().getInstance() as FastifyInstance;

describe('what is changed after the session was looked at for the answer is saved before it leaves', () => {
  const change = (request: object) => void ((request as { session: Visits }).session.visits = 7);
  const onSend = (
    request: object,
    _reply: unknown,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ) => {
    change(request);
    done(null, payload);
  };

  @Controller()
  class AskingController {
    @Get('ask') ask(@Session() session: SessionObject<Visits>) {
      return { visits: session.visits ?? 0 };
    }

    /** Changes it in the very moment of the headers, as libraries do that replace `writeHead`. */
    @Get('wrapped')
    wrapped(@Session() session: SessionObject<Visits>, @Res({ passthrough: true }) { raw }: FastifyReply) {
      const writeHead = raw.writeHead.bind(raw) as (...args: unknown[]) => typeof raw;
      raw.writeHead = (...args: unknown[]) => {
        session.visits = 7;
        return writeHead(...args);
      };
      return {};
    }
  }

  const handler = (request: FastifyRequest) => ({ is: !!(request as { session?: Visits }).session });
  const inPlugin = (fastify: FastifyInstance, _options: unknown, done: () => void) => {
    fastify.addHook('onSend', onSend);
    fastify.get('/ask', handler);
    done();
  };
  const addHook = (app: INestApplication) => void fastifyOf(app).addHook('onSend', onSend);
  const addPlugin = (app: INestApplication) => void fastifyOf(app).register(inPlugin, { prefix: '/plugin' });
  const afterInit = (add: (app: INestApplication) => void) => async (app: INestApplication) => {
    await app.init();
    add(app);
  };
  const withRoute = (instance: FastifyInstance) => instance.get('/route', { onSend }, handler);

  test.each<[string, string, () => Partial<AppOptions>]>([
    ['a hook of main.ts', '/ask', () => ({ configure: addHook })],
    ['a hook that comes later', '/ask', () => ({ configure: afterInit(addHook) })],
    ['a hook of a plugin', '/plugin/ask', () => ({ configure: addPlugin })],
    ['a hook of a plugin that comes later', '/plugin/ask', () => ({ configure: afterInit(addPlugin) })],
    ['a hook of a route', '/route', () => ({ configure: (app) => void withRoute(fastifyOf(app)) })],
    ['a hook of a route that was there first', '/route', () => ({ fastify: withRoute(createFastify()) })],
    ['what stands in front of `writeHead`', '/wrapped', () => ({})],
  ])('by %s', async (_what, path, options) => {
    const app = await startApp({
      platform: 'fastify',
      sessions: { store: new MemorySessionStore() },
      controllers: [AskingController],
      ...options(),
    });
    const browser = app.client();
    const { status, headers } = await browser.get(path);
    expect([status, headers['set-cookie']?.length]).toEqual([200, 1]);
    expect(JSON.parse((await browser.get('/ask')).body)).toEqual({ visits: 7 });
  });
});
