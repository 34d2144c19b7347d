// Calls that Node refuses: the real error, whether or not the response had to wait for its session.
import type { ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, Controller, Get, Query, Res } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { describe, expect, it, vi } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, PLATFORMS, sharedApp, takeRaw } from '../../support/http.js';

type Calls = (response: ServerResponse) => void;

/** Refused before a header has left, with words of Node's message. */
const EARLY: Record<string, [message: string, calls: Calls]> = {
  'end(5)': ['"chunk" argument must be', (raw) => raw.end(5)],
  'write({})': ['"chunk" argument must be', (raw) => void raw.write({})],
  'write(null)': ['null values', (raw) => void raw.write(null)],
  'a header name': ['must be a valid HTTP token', (raw) => raw.writeHead(200, { 'not a name': 'x' }).end()],
  'a header value': ['Invalid character in header', (raw) => raw.writeHead(200, { 'x-own': 'a\nb' }).end()],
  'a status of writeHead': ['Invalid status code: 9999', (raw) => raw.writeHead(9999).end()],
  statusCode: [
    'Invalid status code: 9999',
    (raw) => {
      raw.statusCode = 9999;
      raw.end('refused');
    },
  ],
  statusMessage: [
    'Invalid character in statusMessage',
    (raw) => {
      raw.statusMessage = 'a\nb';
      raw.end('refused');
    },
  ],
  'the status of flushHeaders()': [
    'Invalid status code: 9999',
    (raw) => {
      raw.statusCode = 9999;
      raw.flushHeaders();
    },
  ],
};

/** Refused in the middle of the body. */
const LATE: Record<string, [message: string, calls: Calls]> = {
  'end(5)': [
    '"chunk" argument must be',
    (raw) => {
      raw.write('begun, ');
      raw.end(5);
    },
  ],
  'write({})': [
    '"chunk" argument must be',
    (raw) => {
      raw.write('begun, ');
      raw.write({});
    },
  ],
};

@Controller()
class RefusedController {
  @Get('early')
  early(
    @Session() session: SessionObject<{ mark?: string }>,
    @Res() response: AnyResponse,
    @Query('call') call: string,
  ) {
    session.mark = call;
    EARLY[call]![1](takeRaw(response));
  }

  @Get('late')
  late(
    @Session() session: SessionObject<{ mark?: string }>,
    @Res() response: AnyResponse,
    @Query('call') call: string,
  ) {
    session.mark = call;
    LATE[call]![1](takeRaw(response));
  }

  @Get('reply')
  reply(@Session() session: SessionObject<{ mark?: string }>, @Res({ passthrough: true }) response: AnyResponse) {
    session.mark = 'reply';
    response.header('not a name', 'x');
    return 'refused';
  }

  @Get('mark')
  mark(@Session() session: SessionObject<{ mark?: string }>) {
    return { mark: session.mark };
  }
}

const caught = vi.fn();

@Catch()
class WatchingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    caught(exception);
    super.catch(exception, host);
  }
}

const watchingFilter = {
  provide: APP_FILTER,
  useFactory: ({ httpAdapter }: HttpAdapterHost) => new WatchingFilter(httpAdapter),
  inject: [HttpAdapterHost],
};

describe.each(PLATFORMS)('B20: a call that Node refuses, %s', (platform) => {
  const app = sharedApp(() => ({
    platform,
    controllers: [RefusedController],
    providers: [watchingFilter],
    sessions: { store: new MemorySessionStore() },
  }));

  async function visit(path: string) {
    app().log.lines.length = 0;
    caught.mockClear();
    const browser = app().client();
    await browser.get('/mark');
    const reply = await browser.get(path).catch(() => undefined);
    const log = app().log.lines.join('\n');
    expect(log).not.toMatch(/could not be saved/);
    return { browser, reply, log };
  }

  it.each(Object.keys(EARLY))('%s: is answered 500, and logged', async (call) => {
    const { browser, reply, log } = await visit(`/early?${new URLSearchParams({ call })}`);
    expect(reply).toMatchObject({ status: 500, cutOff: false });
    expect(JSON.parse(reply!.body)).toMatchObject({
      statusCode: 500,
      message: expect.stringMatching(/^Internal server/i),
    });
    // The session was saved before, so its cookie leaves with whatever response there is.
    expect(JSON.parse((await browser.get('/mark')).body)).toEqual({ mark: call });
    const [message] = EARLY[call]!;
    expect(log).toContain(message);
    const error = expect.objectContaining({ message: expect.stringContaining(message) as string }) as unknown;
    if (platform === 'express') expect(caught).toHaveBeenCalledWith(error);
  });

  it.each(Object.keys(LATE))('%s after the headers: breaks the connection, and is logged', async (call) => {
    const { reply, log } = await visit(`/late?${new URLSearchParams({ call })}`);
    expect(reply?.cutOff ?? true).toBe(true);
    expect(log).toContain(LATE[call]![0]);
  });

  it("a header name that the platform's own reply has: is answered 500, and logged", async () => {
    const { reply, log } = await visit('/reply');
    expect(reply).toMatchObject({ status: 500, cutOff: false });
    expect(log).toContain('must be a valid HTTP token');
  });
});
