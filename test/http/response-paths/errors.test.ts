// How errors of sessions reach exception filters and clients, and what happens to those who stream meanwhile.
import { PassThrough } from 'node:stream';
import { type ArgumentsHost, Controller, HttpException, Sse, StreamableFile } from '@nestjs/common';
import { Observable } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MongoSessionsModule, Session, SessionError, SessionException } from '../../../lib/index.js';
import type { SessionObject } from '../../../lib/index.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { ObservedStore, type Platform, PLATFORMS } from '../../support/http.js';
import { lookingFilter } from '../../support/looking-filter.js';
import { HAS_NEST_12 } from '../../support/peers.js';
import { type Handle, route, startWorld } from '../../support/world.js';
import { type Marked, put } from './mark.controller.js';

const teardown = vi.fn();
const seen = vi.fn();
/** What the filter does when a session has failed the request. */
let onFailure = (exception: SessionException, _host: ArgumentsHost): HttpException => exception;

const filter = lookingFilter((exception, host) => {
  seen(exception);
  return exception instanceof SessionException ? onFailure(exception, host) : exception;
});

@Controller()
class EventsController {
  @Sse('events')
  events(@Session() session: SessionObject<Marked>) {
    session.mark = 'watched';
    return new Observable(() => teardown);
  }
}

const mark: Handle = ({ session }) => {
  session['mark'] = 'set';
  return 'put';
};
/** A stream that breaks soon. */
function breaking(): PassThrough {
  const stream = new PassThrough();
  process.nextTick(() => stream.destroy(new Error('a broken disk')));
  return stream;
}

async function start(platform: Platform) {
  const other = new ObservedStore();
  const imports = [MongoSessionsModule.forRoot({ name: 'other', store: other })];
  const app = { imports, controllers: [EventsController], providers: [filter] };
  const world = await startWorld(platform, { maxSize: 4096 }, app);
  // A real store fails some turns later.
  world.store.turns = other.turns = 5;
  seen.mockClear();
  teardown.mockClear();
  return { world, other, browser: world.client(), log: world.app.log };
}

describe.each(PLATFORMS)('errors of sessions on %s', (platform) => {
  it('reach exception filters when a session could not be saved', async () => {
    const { world, browser } = await start(platform);
    world.store.fail('insert');
    expect(await world.visit(browser, mark)).toMatchObject({
      status: 503,
      body: '{"statusCode":503,"message":"Service Unavailable","code":"SESSION_STORE_UNAVAILABLE"}',
    });
    expect(seen).toHaveBeenCalledOnce();
    const [exception] = seen.mock.calls[0] as [SessionException];
    expect(exception).toBeInstanceOf(SessionException);
    expect(exception).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', message: 'Service Unavailable' });
    expect(exception.cause).toBeInstanceOf(SessionError);
  });

  it('leave the response to the first one alone when a second one comes', async () => {
    const before = onFailure;
    onTestFinished(() => void (onFailure = before));
    onFailure = (_exception, host) => {
      put(sessionOf(host.getArgByIndex(0), 'other'), 'failed');
      return new HttpException('Come back later', 503);
    };
    const { world, other, browser } = await start(platform);
    world.store.fail('insert');
    expect((await world.visit(browser, mark)).cookies).toEqual([expect.stringMatching(/^other=/)]);
    other.fail('insert');
    const reply = await world.visit(world.client(), mark);
    expect(reply).toMatchObject({ status: 503, cookies: [] });
    expect(reply.body).toBe('{"statusCode":503,"message":"Come back later"}');
  });

  it('after the response change nothing of it', async () => {
    const { world, browser, log } = await start(platform);
    const path = route(({ session, response }) => {
      session['mark'] = 'twice';
      response.send('the first');
      if (response.raw) response.send('the second');
      throw new Error('after the answer');
    }, 'raw');
    expect(await browser.get(path)).toMatchObject({ status: 200, body: 'the first' });
    const line = expect.stringContaining('after the answer') as unknown;
    // Nest 11 logs it in two lines on Fastify.
    if (HAS_NEST_12) expect(log.lines).toEqual([line]);
    else expect(log.lines).toContainEqual(line);
    expect(await world.dataOf(browser)).toEqual({ mark: 'twice' });
  });

  it('fail only who needs the session when it can not be read', async () => {
    const { world, browser } = await start(platform);
    await world.visit(browser, mark);
    world.store.fail('find');
    expect(await world.visit(browser)).toMatchObject({ status: 200, body: 'seen', cookies: [] });
    expect(await world.visit(browser, ({ session }) => session['mark'])).toMatchObject({ status: 503, cookies: [] });
    world.store.fail();
    expect(await world.dataOf(browser)).toEqual({ mark: 'set' });
  });

  it.each<[string, Handle, number, string]>([
    [
      'too much data',
      ({ session }) => void (session['large'] = 'x'.repeat(5000)),
      413,
      '{"statusCode":413,"message":"Payload Too Large","code":"SESSION_TOO_LARGE"}',
    ],
    [
      'a wrong value',
      ({ session }) => void (session['wrong'] = () => 'a secret'),
      500,
      '{"statusCode":500,"message":"Internal server error"}',
    ],
  ])('%s is answered %3$i, without details', async (_, handle, status, body) => {
    const { world, browser, log } = await start(platform);
    expect(await world.visit(browser, handle)).toMatchObject({ status, body, cookies: [] });
    expect(log.lines.join('\n')).toMatch(/session\.wrong|largest key, "large"/);
  });

  it('leave it to the framework how a stream is answered that breaks while its response is held', async () => {
    const { world, browser } = await start(platform);
    const reply = await world.visit(browser, ({ session }) => {
      session['mark'] = 'broken';
      return new StreamableFile(breaking());
    });
    // The same as without sessions.
    expect(reply).toMatchObject({ status: platform === 'express' ? 400 : 500 });
  });

  it('give up events that nobody will get', async () => {
    const { world, browser } = await start(platform);
    world.store.fail('insert');
    expect((await browser.get('/events')).status).toBe(503);
    await vi.waitFor(() => expect(teardown).toHaveBeenCalledOnce());
  });
});

it('a stream of Fastify that breaks while it is held is an error', async () => {
  const { browser } = await start('fastify');
  const path = route(({ session, response }) => {
    session['mark'] = 'broken';
    response.send(breaking());
  }, 'raw');
  expect(await browser.get(path)).toMatchObject({ status: 500 });
});
