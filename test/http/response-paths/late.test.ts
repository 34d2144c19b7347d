// Changes made when the headers have left, and clients that do not wait.
import type { ClientRequest } from 'node:http';
import { Controller, Query, Sse } from '@nestjs/common';
import { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { during, type FailCommand, ObservedStore, PLATFORMS, sharedApp, startApp } from '../../support/http.js';
import { read, takeRaw, testDatabase } from '../../support/http.js';
import { HAS_NEST_12 } from '../../support/peers.js';
import { type AnySession, type Handle, route, StageController } from '../../support/world.js';
import { FAILURE, knownBrowser, markOf, ownCookies, returning, visit } from './contract.js';
import { MarkController, type Marked, put } from './mark.controller.js';

const DELAY: FailCommand = { failCommands: ['insert', 'update'], blockConnection: true, blockTimeMS: 25 };

@Controller()
class EventsController {
  @Sse('events')
  events(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    return new Observable<{ data: string }>((subscriber) => {
      subscriber.next({ data: 'headers and all, ' });
      setImmediate(() => {
        put(session, mark);
        subscriber.next({ data: 'the end' });
        subscriber.complete();
      });
    });
  }
}

/** Changes the session. */
const mark: Handle = ({ session, request }) => put(session, request.query['mark']);
const stream = route(async (visited) => {
  const raw = takeRaw(visited.response);
  raw.write('headers and all, ');
  await new Promise(setImmediate);
  mark(visited);
  raw.end('the end');
}, 'raw');

const atOnce = route((visited) => {
  const raw = takeRaw(visited.response).writeHead(200);
  mark(visited);
  raw.end('headers and all, the end');
}, 'raw');
const generator = route(async function* (visited) {
  yield 'headers and all, ';
  await new Promise(setImmediate);
  mark(visited);
  yield 'the end';
});
const saved = route(async (visited) => {
  visited.session['mark'] = 'on the way';
  await visited.session.save();
  const raw = takeRaw(visited.response);
  raw.write('headers and all, ');
  mark(visited);
  raw.end('the end');
}, 'raw');
const endless = route((visited) => {
  takeRaw(visited.response).write('headers and all');
  mark(visited);
}, 'raw');
/** Gives the session another token while its headers wait for a change. */
const replacing = (replace: (session: AnySession) => Promise<void>) =>
  route(async (visited) => {
    visited.session['mark'] = 'kept';
    const raw = takeRaw(visited.response);
    raw.write('headers and all, ');
    await replace(visited.session);
    raw.end('the end');
  }, 'raw');
const REPLACEMENTS = [
  ['login', replacing((session) => session.login('ada', { keep: true }))],
  ['regenerate', replacing((session) => session.regenerate({ keep: true }))],
] as const;
const replacingLater = replacing(async (session) => {
  await session.increment('n');
  await session.login('ada', { keep: true }).catch(() => undefined);
});
const putting = returning(() => 'put');

const STREAMS = [
  ['a stream', stream],
  ['a raw response', atOnce],
  ['server-sent events', '/events'],
  ...(HAS_NEST_12 ? [['a generator', generator]] : []),
] as [string, string][];

describe.each(PLATFORMS)('%s', (platform) => {
  const database = testDatabase();
  const sessions = database.db.collection('sessions');
  const app = sharedApp(() => ({
    platform,
    controllers: [MarkController, EventsController, StageController],
    sessions: { uri: database.uri, collection: 'sessions' },
  }));
  const known = () => knownBrowser(app(), { path: putting });
  const unhandled = vi.fn();
  beforeEach(() => {
    app().log.lines.length = 0;
    process.on('unhandledRejection', unhandled);
  });
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each(STREAMS)('%s: a late change is stored before the answer ends', async (_, path) => {
    const browser = await known();
    const reply = await during(database, DELAY, () => visit(browser, { path }, 'late'));
    expect(reply).toMatchObject({ status: 200, cutOff: false, cookies: [] });
    expect(reply.body.replaceAll(/[^,\w ]|data|id|\d/g, '')).toMatch(/headers and all,\s*the end/);
    expect(await markOf(browser)).toBe('late');
  });

  it.each(STREAMS)('%s: a late change that can not be stored breaks the connection', async (_, path) => {
    const browser = await known();
    // Node itself keeps headers back until there is a body: then the client has seen nothing at all.
    const nothing = { cutOff: true };
    const reply = await during(database, FAILURE, () => visit(browser, { path }, 'lost').catch(() => nothing));
    expect(reply).toMatchObject({ cutOff: true });
    expect(app().log.lines).toContainEqual(expect.stringContaining('The connection was closed'));
    expect(await markOf(browser)).toBe('first');
  });

  it.each(STREAMS)('%s: a session that begins late is no session', async (_, path) => {
    const before = await sessions.countDocuments();
    const reply = await visit(app().client(), { path }, 'new');
    expect(reply).toMatchObject({ status: 200, cutOff: false, cookies: [] });
    expect(await sessions.countDocuments()).toBe(before);
  });

  it('with `await session.save()` the cookie is there, and late changes are stored', async () => {
    const browser = app().client();
    const reply = await during(database, DELAY, () => visit(browser, { path: saved }, 'late'));
    expect(reply.body).toBe('headers and all, the end');
    expect(ownCookies(reply)).toHaveLength(1);
    expect(await markOf(browser)).toBe('late');
  });

  it.each(REPLACEMENTS)('%s while the headers wait for a change: they have the new token', async (_, path) => {
    const browser = await known();
    const reply = await during(database, DELAY, () => browser.get(path));
    expect(reply).toMatchObject({ status: 200, body: 'headers and all, the end' });
    expect(ownCookies(reply)).toHaveLength(1);
    expect(await markOf(browser)).toBe('kept');
  });

  it('login after another operation: too late, or with the new token', async () => {
    const browser = await known();
    const reply = await during(database, DELAY, () => browser.get(replacingLater));
    expect(reply).toMatchObject({ status: 200, body: 'headers and all, the end' });
    expect(await markOf(browser)).toBe('kept');
  });

  it('a stream that has begun: saved when the client leaves', async () => {
    const browser = await known();
    const response = await browser.clone().open(`${endless}?mark=left`);
    expect(await markOf(browser)).toBe('first');
    response.destroy();
    await vi.waitFor(async () => expect(await markOf(browser)).toBe('left'));
  });

  it('a stream that has begun, and a failing store: logged', async () => {
    const browser = await known();
    await during(database, FAILURE, async () => {
      const response = await browser.clone().open(`${endless}?mark=lost`);
      response.destroy();
      await vi.waitFor(() => expect(app().log.lines).toContainEqual(expect.stringContaining('the client had gone')));
    });
    expect(await markOf(browser)).toBe('first');
  });

  it('a client that leaves while the answer is held: saved', async () => {
    const browser = await known();
    await during(database, { ...DELAY, blockTimeMS: 500 }, async () => {
      const request = browser.clone().start(`${putting}?mark=held`);
      await vi.waitFor(async () => expect(await inFlight(database)).toBeGreaterThan(0), { interval: 5 });
      await leave(request);
      expect(await markOf(browser)).toBe('first');
    });
    await vi.waitFor(async () => expect(await markOf(browser)).toBe('held'));
  });

  it('many requests of one connection keep their order', async () => {
    const browser = await known();
    for (const each of ['one', 'two', 'three']) {
      const response = await browser.open(`${stream}?mark=${each}`);
      expect((await read(response)).body).toBe('headers and all, the end');
      expect(await markOf(browser)).toBe(each);
    }
  });
});

// An app of its own, and after the others: Nest has one log a process, that of the youngest app.
it.each(PLATFORMS)('a session that begins late is one warning on %s', async (platform) => {
  const controllers = [EventsController, StageController];
  const fresh = await startApp({ platform, controllers, sessions: { store: new ObservedStore() } });
  for (const [, path] of [...STREAMS, ...STREAMS]) await visit(fresh.client(), { path }, 'new');
  expect(fresh.log.lines).toEqual([expect.stringContaining('`await session.save()` before the first byte')]);
});

async function leave(request: ClientRequest): Promise<void> {
  const closed = new Promise((resolve) => request.once('close', resolve));
  request.on('error', () => {}).destroy();
  await closed;
}

/** How many writes the server has begun and not finished for this database. */
async function inFlight({ db, name }: ReturnType<typeof testDatabase>): Promise<number> {
  const operations = db.admin().command({ currentOp: 1, active: true, op: { $in: ['update', 'command'] } });
  const { inprog } = (await operations) as { inprog: { appName?: string; command?: { update?: string } }[] };
  return inprog.filter(({ appName, command }) => appName === name && command?.update !== undefined).length;
}
