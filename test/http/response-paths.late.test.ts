// Changes made when the headers have left, and clients that do not wait.
import { EventEmitter, once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { Controller, Get, Query, Res, Sse } from '@nestjs/common';
import { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../lib/index.js';
import {
  type AnyResponse,
  during,
  type FailCommand,
  PLATFORMS,
  read,
  sharedApp,
  startApp,
  takeRaw,
  testDatabase,
} from '../support/http.js';
import { FAILURE, knownBrowser, markOf, ownCookies, visit } from './response-paths/contract.js';
import { MarkController, type Marked, put } from './response-paths/mark.controller.js';
import { HAS_NEST_12 } from '../support/peers.js';

type MarkedSession = SessionObject<Marked>;

const DELAY: FailCommand = { failCommands: ['insert', 'update'], blockConnection: true, blockTimeMS: 25 };

/** Where handlers tell how far they are, and are told to go on. */
const stage = new EventEmitter();

@Controller()
class LateController {
  @Get('put')
  put(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return 'put';
  }

  @Get('stream')
  async stream(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    const raw = takeRaw(response);
    raw.write('headers and all, ');
    await new Promise(setImmediate);
    put(session, mark);
    raw.end('the end');
  }

  @Get('at-once')
  atOnce(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    const raw = takeRaw(response).writeHead(200);
    put(session, mark);
    raw.end('headers and all, the end');
  }

  @Get('generator')
  async *generator(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    yield 'headers and all, ';
    await new Promise(setImmediate);
    put(session, mark);
    yield 'the end';
  }

  @Sse('events')
  events(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    return new Observable<{ data: string }>((subscriber) => {
      subscriber.next({ data: 'headers and all, ' });
      setImmediate(() => {
        put(session, mark);
        subscriber.next({ data: 'the end' });
        subscriber.complete();
      });
    });
  }

  @Get('saved')
  async saved(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, 'on the way');
    await session.save();
    const raw = takeRaw(response);
    raw.write('headers and all, ');
    put(session, mark);
    raw.end('the end');
  }

  @Get('endless')
  endless(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    takeRaw(response).write('headers and all');
    put(session, mark);
  }

  @Get('abandoned')
  async abandoned(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    stage.emit('entered');
    await once(stage, 'go on');
    put(session, mark);
    return 'to nobody';
  }
}

const STREAMS = ['/stream', '/at-once', ...(HAS_NEST_12 ? ['/generator'] : []), '/events'];

describe.each(PLATFORMS)('%s', (platform) => {
  const database = testDatabase();
  const app = sharedApp(() => ({
    platform,
    controllers: [MarkController, LateController],
    sessions: { uri: database.uri, collection: 'sessions' },
  }));
  const unhandled = vi.fn();
  beforeEach(() => {
    app().log.lines.length = 0;
    process.on('unhandledRejection', unhandled);
  });
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each(STREAMS)('%s: a late change is stored before the answer ends', async (path) => {
    const browser = await knownBrowser(app(), { path: '/put' });
    const reply = await during(database, DELAY, () => visit(browser, { path }, 'late'));
    expect(reply).toMatchObject({ status: 200, cutOff: false, cookies: [] });
    expect(reply.body.replaceAll(/[^,\w ]|data|id|\d/g, '')).toMatch(/headers and all,\s*the end/);
    expect(await markOf(browser)).toBe('late');
  });

  it.each(STREAMS)('%s: a late change that can not be stored breaks the connection', async (path) => {
    const browser = await knownBrowser(app(), { path: '/put' });
    // Node itself keeps headers back until there is a body: then the client has seen nothing at all.
    const nothing = { cutOff: true };
    const reply = await during(database, FAILURE, () => visit(browser, { path }, 'lost').catch(() => nothing));
    expect(reply).toMatchObject({ cutOff: true });
    expect(app().log.lines).toContainEqual(expect.stringContaining('The connection was closed'));
    expect(await markOf(browser)).toBe('first');
  });

  it.each(STREAMS)('%s: a session that begins late is no session', async (path) => {
    const before = await database.db.collection('sessions').countDocuments();
    const reply = await visit(app().client(), { path }, 'new');
    expect(reply).toMatchObject({ status: 200, cutOff: false, cookies: [] });
    expect(await database.db.collection('sessions').countDocuments()).toBe(before);
  });

  it('with `await session.save()` the cookie is there, and late changes are stored', async () => {
    const browser = app().client();
    const reply = await during(database, DELAY, () => visit(browser, { path: '/saved' }, 'late'));
    expect(reply.body).toBe('headers and all, the end');
    expect(ownCookies(reply)).toHaveLength(1);
    expect(await markOf(browser)).toBe('late');
  });

  it('a stream that has begun: saved when the client leaves', async () => {
    const browser = await knownBrowser(app(), { path: '/put' });
    const response = await browser.clone().open('/endless?mark=left');
    expect(await markOf(browser)).toBe('first');
    response.destroy();
    await vi.waitFor(async () => expect(await markOf(browser)).toBe('left'));
  });

  it('a stream that has begun, and a failing store: logged', async () => {
    const browser = await knownBrowser(app(), { path: '/put' });
    await during(database, FAILURE, async () => {
      const response = await browser.clone().open('/endless?mark=lost');
      response.destroy();
      await vi.waitFor(() => expect(app().log.lines).toContainEqual(expect.stringContaining('the client had gone')));
    });
    expect(await markOf(browser)).toBe('first');
  });

  it('a client that leaves before the answer: saved', async () => {
    const browser = await knownBrowser(app(), { path: '/put' });
    const entered = once(stage, 'entered');
    const request = browser
      .clone()
      .start('/abandoned?mark=abandoned')
      .on('error', () => {});
    await entered;
    await leave(request);
    stage.emit('go on');
    await vi.waitFor(async () => expect(await markOf(browser)).toBe('abandoned'));
  });

  it('a client that leaves while the answer is held: saved', async () => {
    const browser = await knownBrowser(app(), { path: '/put' });
    await during(database, { ...DELAY, blockTimeMS: 500 }, async () => {
      const request = browser
        .clone()
        .start('/put?mark=held')
        .on('error', () => {});
      await vi.waitFor(async () => expect(await underWay(database)).toBeGreaterThan(0), { interval: 5 });
      await leave(request);
      expect(await markOf(browser)).toBe('first');
    });
    await vi.waitFor(async () => expect(await markOf(browser)).toBe('held'));
  });

  it('many requests of one connection keep their order', async () => {
    const browser = await knownBrowser(app(), { path: '/put' });
    for (const mark of ['one', 'two', 'three']) {
      const response = await browser.open(`/stream?mark=${mark}`);
      expect((await read(response)).body).toBe('headers and all, the end');
      expect(await markOf(browser)).toBe(mark);
    }
  });
});

// An app of its own, and after the others: Nest has one log a process, that of the youngest app.
describe.each(PLATFORMS)('%s', (platform) => {
  it('warns of a session that begins late, once', async () => {
    const store = new MemorySessionStore();
    const fresh = await startApp({ platform, controllers: [LateController], sessions: { store } });
    for (const path of [...STREAMS, ...STREAMS]) await visit(fresh.client(), { path }, 'new');
    expect(fresh.log.lines).toEqual([expect.stringContaining('`await session.save()` before the first byte')]);
  });
});

async function leave(request: ClientRequest): Promise<void> {
  const closed = new Promise((resolve) => request.once('close', resolve));
  request.destroy();
  await closed;
}

/** How many writes the server has begun and not finished for this database. */
async function underWay({ db, name }: ReturnType<typeof testDatabase>): Promise<number> {
  const operations = db.admin().command({ currentOp: 1, active: true, op: { $in: ['update', 'command'] } });
  const { inprog } = (await operations) as { inprog: { appName?: string; command?: { update?: string } }[] };
  return inprog.filter(({ appName, command }) => appName === name && command?.update !== undefined).length;
}
