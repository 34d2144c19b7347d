// Changes that come when the response has closed: nothing saves them, so there is a warning.
import type { ServerResponse } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, PLATFORMS, startApp } from '../../support/http.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';

type LateSession = SessionObject<{ started?: boolean; late?: unknown; deep?: { late?: boolean } }>;

const rawOf = (response: AnyResponse) => response.raw ?? (response as unknown as ServerResponse);

/** As a timer would, as soon as the response has closed, and after every listener of `close`. */
function afterClose(response: AnyResponse, change: () => unknown): void {
  rawOf(response).on('close', () => setImmediate(() => void change()));
}

@Controller()
class LateController {
  @Get('start')
  start(@Session() session: LateSession) {
    session.started = true;
    session.deep = {};
  }

  @Get('listener')
  listener(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    rawOf(response).on('close', () => (session.late = 'a listener'));
  }

  @Get('timer')
  timer(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => (session.late = 'a timer'));
  }

  @Get('nested')
  nested(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => (session.deep = Object.assign(session.deep ?? {}, { late: true })));
  }

  @Get('removed')
  removed(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => delete session.started);
  }

  @Get('permanent')
  permanent(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => (session.permanent = true));
  }

  @Get('refused')
  refused(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => (session.late = () => 'a function'));
  }

  @Get('asked-late')
  askedLate(@Req() request: object, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => ((sessionOf(request) as LateSession).late = 'asked for after the response'));
  }

  @Get('stream')
  stream(@Session() session: LateSession, @Res() response: AnyResponse & { hijack?(): void }) {
    response.hijack?.();
    afterClose(response, () => (session.late = 'a stream'));
    rawOf(response).write('a stream');
    rawOf(response).end();
  }

  @Get('saved')
  saved(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, async () => {
      session.late = 'saved';
      await session.save();
    });
  }

  @Get('read')
  read(@Session() session: LateSession, @Res({ passthrough: true }) response: AnyResponse) {
    afterClose(response, () => session.late);
  }

  @Get('in-time')
  inTime(@Session() session: LateSession, @Res() response: AnyResponse) {
    response.send('done');
    session.late = 'before it has closed';
  }
}

const LATE = ['listener', 'timer', 'nested', 'removed', 'permanent', 'refused', 'asked-late', 'stream'];

describe.each(PLATFORMS)('B26: a session that is changed after its response has closed, %s', (platform) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  async function start() {
    const store = new MemorySessionStore();
    const app = await startApp({ platform, controllers: [LateController], sessions: { store } });
    const browser = app.client();
    await browser.get('/start');
    const visit = async (client: typeof browser, path: string) => {
      await client.get(`/${path}`);
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      vi.advanceTimersByTime(1_000);
    };
    return { app, browser, visit };
  }

  it.each(LATE)('%s: one warning names the fix', async (path) => {
    const { app, browser, visit } = await start();
    await visit(browser, path);
    await visit(browser, path);
    expect(app.log.lines).toEqual([
      expect.stringMatching(/after its response had closed.*before you respond.*save\(\)/),
    ]);
  });

  it('of a visitor without a session: the same warning', async () => {
    const { app, visit } = await start();
    await visit(app.client(), 'timer');
    expect(app.log.lines).toEqual([expect.stringContaining('after its response had closed')]);
  });

  it.each(['saved', 'read', 'in-time'])('%s: no warning', async (path) => {
    const { app, browser, visit } = await start();
    await visit(browser, path);
    expect(app.log.lines).toEqual([]);
  });

  it('is found among many others', async () => {
    const { app, browser, visit } = await start();
    for (let request = 0; request < 100; request++) await browser.get('/read');
    await browser.get('/timer');
    for (let request = 0; request < 20; request++) await browser.get('/read');
    expect(app.log.lines).toEqual([]);
    await visit(browser, 'read');
    expect(app.log.lines).toHaveLength(1);
  });
});
