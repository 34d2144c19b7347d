// request.session: one for all who look at a request, which nobody replaces, and which costs nothing where nobody looks.
import { Controller, type INestApplication, Sse } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { NEVER } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { ObservedStore, PLATFORMS, startApp } from '../../support/http.js';
import { startWorld } from '../../support/world.js';
import { promisesOf, servePlainly } from '../response-paths/raw-server.js';

interface AnyRequest {
  session?: unknown;
  raw?: { session?: unknown };
}

@Controller()
class EventsController {
  @Sse('events')
  events() {
    return NEVER;
  }
}

const openSockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));

/** As another session library does. */
const takeSession = (request: AnyRequest, _response: unknown, next: () => void) => {
  Object.assign(request, { session: {} });
  next();
};

describe.each(PLATFORMS)('request.session on %s', (platform) => {
  it('is one, wherever a request is looked at', async () => {
    const world = await startWorld(platform);
    const same = await world.ask(world.client(), ({ session, request }) => {
      const platforms = request as AnyRequest;
      const raw = platforms.raw ?? platforms;
      const all = [platforms.session, raw.session, sessionOf(platforms), sessionOf(raw)];
      return all.map((each) => each === session);
    });
    expect(same).toEqual([true, true, true, true]);
  });

  it('refuses another session in its place', async () => {
    const world = await startWorld(platform);
    const reply = await world.visit(world.client(), ({ request }) => void Object.assign(request, { session: {} }));
    expect(reply.status).toBe(500);
    expect(world.app.log.lines).toEqual([expect.stringContaining('Change its keys, or end it')]);
  });

  it('passes a request without a cookie at once, without a promise', async () => {
    const world = await startWorld(platform);
    const { middleware } = world.app.nest.get(MongoSessions);
    const next = vi.fn();
    let promises = -1;
    const client = await servePlainly((response) => {
      promises = promisesOf(() => {
        middleware(response.req, response, next);
        expect(next).toHaveBeenCalledOnce();
        // Looked at, and not changed.
        void sessionOf(response.req);
        response.end('clean');
      });
    });
    expect((await client.get('/')).body).toBe('clean');
    expect(promises).toBe(0);
  });

  it.each([
    [
      'has taken',
      /taken by another session library/,
      { beforeNest: (adapter: AbstractHttpAdapter) => void adapter.use(takeSession) },
    ],
    [
      'of main.ts wants to take',
      /can not be replaced.*if another session library/,
      { configure: (nest: INestApplication) => void nest.use(takeSession) },
    ],
  ])('fails a request whose session another library %s', async (_, line, options) => {
    const world = await startWorld(platform, {}, options);
    expect((await world.visit(world.client(), ({ session }) => ({ ...session }))).status).toBe(500);
    expect(world.app.log.lines).toContainEqual(expect.stringMatching(line));
  });

  it('leaves nothing open and nothing unhandled behind when the app is closed', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    // What tests before this one have left is closing.
    await vi.waitFor(() => expect(openSockets()).toEqual([]));
    const world = await startWorld(platform, {}, { controllers: [EventsController] });
    const browser = await world.browserWith();
    const response = await browser.open('/events');
    expect(openSockets().length).toBeGreaterThan(2);
    response.destroy();
    await world.app.close();
    await vi.waitFor(() => expect(openSockets()).toEqual([]));
    expect(unhandled).not.toHaveBeenCalled();
  });
});

it('an app does not start beside another plugin that has request.session of Fastify', async () => {
  const decorate = (fastify: FastifyInstance) => void fastify.decorateRequest('session');
  const configure = (app: INestApplication) => decorate((app as NestFastifyApplication).getHttpAdapter().getInstance());
  const beforeNest = (adapter: AbstractHttpAdapter) => decorate(adapter.getInstance<FastifyInstance>());
  const app = { platform: 'fastify', sessions: { store: new ObservedStore() } } as const;
  await expect(startApp({ ...app, beforeNest })).rejects.toThrow('taken by another session library');
  // One that comes later is told by Fastify.
  await expect(startApp({ ...app, configure })).rejects.toThrow("decorator 'session' has already");
  // A session of another name leaves it alone.
  await startApp({ ...app, sessions: { ...app.sessions, name: 'admin' }, configure });
});
