// A client that hangs up before the response: when its session is saved, and what a visitor leaves behind.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { type HttpClient, ObservedStore, PLATFORMS, sharedApp, startApp } from '../../support/http.js';
import { route, StageController } from '../../support/world.js';
import { RESPONDING, SlowController, STEPS, UNANSWERED, offered, refused, stage, turns } from './slow.controller.js';

const controllers = [SlowController, StageController];
const begin = route(({ session }) => void (session['started'] = true));
const look = route(({ session }) => ({ ...session }));

describe.each(PLATFORMS)('A17: a client that hangs up before the response, %s', (platform) => {
  const store = new ObservedStore();
  const clock = new TestClock();
  const app = sharedApp(() => ({
    ...{ platform, controllers, sessions: { store, clock } },
    configure: (nest) => {
      nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
        // Every other listener of `close` has been called by then.
        response.on('close', () => setImmediate(() => stage.emit('closed')));
        next();
      });
    },
  }));
  afterEach(() => {
    clock.advance(30_000);
    app().log.lines.length = 0;
  });

  const writes = () => store.calls.filter((call) => call !== 'find');

  /** Sends the request, hangs up while the handler waits, and lets the handler end. */
  async function hangUpDuring(browser: HttpClient, path: string): Promise<void> {
    store.takeCalls();
    const [entered, closed, ended] = ['entered', 'closed', 'ended'].map((name) => once(stage, name));
    const request = browser.start(path).on('error', () => {});
    await entered;
    request.destroy();
    await closed;
    await turns();
    expect(writes()).toEqual([]);
    stage.emit('go on');
    await ended;
    await turns();
  }

  async function knownBrowser(): Promise<HttpClient> {
    const browser = app().client();
    await browser.get(begin);
    return browser;
  }

  const dataOf = async (browser: HttpClient) => JSON.parse((await browser.clone().get(look)).body) as unknown;

  it.each(offered(RESPONDING, platform))('%s: everything is saved when the handler ends, at once', async (_, path) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, path);
    // A file is looked at before it is sent.
    await vi.waitFor(() => expect(writes()).toEqual(['update']));
    expect(await dataOf(browser)).toEqual({ started: true, first: true, second: true });
    expect([writes(), app().log.lines]).toEqual([['update'], []]);
  });

  it.each(offered(RESPONDING, platform))('%s: a visitor without a session leaves none', async (_, path) => {
    await hangUpDuring(app().client(), path);
    expect([writes(), app().log.lines]).toEqual([[], []]);
  });

  it.each(offered(UNANSWERED, platform))('%s: nothing is saved, and nothing half', async (_, path) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, path);
    expect(await dataOf(browser)).toEqual({ started: true });
    await hangUpDuring(app().client(), path);
    expect(writes()).toEqual([]);
  });

  it('an explicit save() saves, also when nothing responds any more', async () => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, STEPS['save()']);
    expect(await dataOf(browser)).toEqual({ started: true, first: true, second: true });
  });

  it('an explicit save() of a new session rejects, because its token would be lost', async () => {
    await hangUpDuring(app().client(), STEPS['save()']);
    expect(writes()).toEqual([]);
    expect(refused).toMatchObject({ status: 409, code: 'SESSION_INTERRUPTED' });
  });

  it.each(['login()', 'regenerate()'] as const)('%s rejects, and leaves the client its session', async (step) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, STEPS[step]);
    expect(refused).toMatchObject({ status: 409, code: 'SESSION_INTERRUPTED' });
    expect(writes()).toEqual([]);
    // What was meant for the session after the login is not saved to the one before it.
    expect(await dataOf(browser)).toEqual({ started: true });
    expect(app().log.lines).toEqual([]);
  });

  it('logout() ends the session', async () => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, STEPS['logout()']);
    expect(await dataOf(browser)).toEqual({});
  });
});

// The warning comes once for each registration: an app for each way.
describe.each(PLATFORMS)('A17: a handler that never responds, %s', (platform) => {
  it.each(offered(UNANSWERED, platform))('%s: one warning names the fix', async (_, path) => {
    const clock = new TestClock();
    const app = await startApp({ platform, controllers, sessions: { store: new ObservedStore(), clock } });
    for (let visit = 0; visit < 2; visit++) {
      const [entered, ended] = [once(stage, 'entered'), once(stage, 'ended')];
      const request = app.client().start(path);
      request.on('error', () => {});
      await entered;
      request.destroy();
      await turns();
      stage.emit('go on');
      await ended;
      await turns();
      clock.advance(9_000);
      if (visit === 0) expect(app.log.lines).toEqual([]);
      clock.advance(2_000);
    }
    expect(app.log.lines).toEqual([expect.stringContaining('call `await session.save()`')]);
  });
});
