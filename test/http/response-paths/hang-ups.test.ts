// A client that hangs up before the response: when its session is saved, and what a visitor leaves behind.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS, sharedApp, startApp } from '../../support/http.js';
import {
  RESPONDING,
  SlowController,
  type Steps,
  UNANSWERED,
  offered,
  refused,
  stage,
  turns,
} from './slow.controller.js';

describe.each(PLATFORMS)('A17: a client that hangs up before the response, %s', (platform) => {
  const store = new MemorySessionStore();
  const app = sharedApp(() => ({
    platform,
    controllers: [SlowController],
    sessions: { store },
    configure: (nest) => {
      nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
        // Every other listener of `close` has been called by then.
        response.on('close', () => setImmediate(() => stage.emit('closed')));
        next();
      });
    },
  }));
  const writes = { insert: vi.spyOn(store, 'insert'), update: vi.spyOn(store, 'update') };
  const replaceSecret = vi.spyOn(store, 'replaceSecret');

  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    return () => vi.useRealTimers();
  });
  afterEach(() => {
    vi.advanceTimersByTime(30_000);
    app().log.lines.length = 0;
  });

  const clearCalls = () => {
    for (const spy of [...Object.values(writes), replaceSecret]) spy.mockClear();
  };

  /** Sends the request, hangs up while the handler waits, and lets the handler end. */
  async function hangUpDuring(browser: HttpClient, path: string): Promise<void> {
    clearCalls();
    const [entered, closed, ended] = ['entered', 'closed', 'ended'].map((name) => once(stage, name));
    const request = browser.start(path).on('error', () => {});
    await entered;
    request.destroy();
    await closed;
    await turns();
    for (const write of Object.values(writes)) expect(write).not.toHaveBeenCalled();
    stage.emit('go on');
    await ended;
    await turns();
  }

  async function knownBrowser(): Promise<HttpClient> {
    const browser = app().client();
    await browser.get('/start');
    return browser;
  }

  const steps = async (browser: HttpClient) => JSON.parse((await browser.clone().get('/steps')).body) as Steps;

  it.each(offered(RESPONDING, platform))('%s: everything is saved when the handler ends, at once', async (path) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, path);
    // A file is looked at before it is sent.
    await vi.waitFor(() => expect(writes.update).toHaveBeenCalled());
    expect(await steps(browser)).toEqual({ started: true, first: true, second: true });
    expect(writes.update).toHaveBeenCalledOnce();
    expect(app().log.lines).toEqual([]);
  });

  it.each(offered(RESPONDING, platform))('%s: a visitor without a session leaves none', async (path) => {
    await hangUpDuring(app().client(), path);
    expect(writes.insert).not.toHaveBeenCalled();
    expect(app().log.lines).toEqual([]);
  });

  it.each(offered(UNANSWERED, platform))('%s: nothing is saved, and nothing half', async (path) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, path);
    expect(await steps(browser)).toEqual({ started: true });
    await hangUpDuring(app().client(), path);
    expect(writes.insert).not.toHaveBeenCalled();
  });

  it('an explicit save() saves, also when nothing responds any more', async () => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, '/save');
    expect(await steps(browser)).toEqual({ started: true, first: true, second: true });
  });

  it('an explicit save() of a new session rejects, because its token would be lost', async () => {
    await hangUpDuring(app().client(), '/save');
    expect(writes.insert).not.toHaveBeenCalled();
    expect(refused).toMatchObject({ status: 409, code: 'SESSION_INTERRUPTED' });
  });

  it.each(['/login', '/regenerate'])('%s rejects, and leaves the client the session that it has', async (path) => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, path);
    expect(refused).toMatchObject({ status: 409, code: 'SESSION_INTERRUPTED' });
    expect(replaceSecret).not.toHaveBeenCalled();
    // What was meant for the session after the login is not saved to the one before it.
    expect(await steps(browser)).toEqual({ started: true });
    expect(app().log.lines).toEqual([]);
  });

  it('/logout ends the session', async () => {
    const browser = await knownBrowser();
    await hangUpDuring(browser, '/logout');
    expect(await steps(browser)).toEqual({});
  });
});

// The warning comes once for each registration: an app for each way.
describe.each(PLATFORMS)('A17: a handler that never responds, %s', (platform) => {
  it.each(offered(UNANSWERED, platform))('%s: one warning names the fix', async (path) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const app = await startApp({
      platform,
      controllers: [SlowController],
      sessions: { store: new MemorySessionStore() },
    });
    for (let visit = 0; visit < 2; visit++) {
      const [entered, ended] = [once(stage, 'entered'), once(stage, 'ended')];
      const request = app
        .client()
        .start(path)
        .on('error', () => {});
      await entered;
      request.destroy();
      await turns();
      stage.emit('go on');
      await ended;
      await turns();
      vi.advanceTimersByTime(9_000);
      if (visit === 0) expect(app.log.lines).toEqual([]);
      vi.advanceTimersByTime(2_000);
    }
    expect(app.log.lines).toEqual([expect.stringContaining('call `await session.save()`')]);
  });
});
