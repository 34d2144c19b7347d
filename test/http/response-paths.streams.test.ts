// Answers that leave piece by piece: streams, what is written to the raw response, server-sent events.
import { Readable } from 'node:stream';
import { Controller, Get, Query, Res, Sse, StreamableFile } from '@nestjs/common';
import { of } from 'rxjs';
import { expect } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import { type AnyResponse, takeRaw } from '../support/http.js';
import { type Way, describePaths } from './response-paths/contract.js';
import { MarkController, type Marked, put } from './response-paths/mark.controller.js';
import { HAS_NEST_12 } from '../support/peers.js';

type MarkedSession = SessionObject<Marked>;

const LARGE = Buffer.alloc(512 * 1024, 'large ');

@Controller()
class StreamsController {
  @Get('file')
  file(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    const pieces = [LARGE.subarray(0, 1000), LARGE.subarray(1000)];
    return new StreamableFile(Readable.from(pieces), { length: LARGE.length, disposition: 'attachment' });
  }

  @Get('generator')
  async *generator(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    yield 'first, ';
    await new Promise(setImmediate);
    yield 'second';
  }

  @Get('write-head')
  writeHead(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = response.raw ?? takeRaw(response);
    raw.writeHead(201, 'Made', { 'Content-Type': 'text/plain', 'Set-Cookie': ['own=1', 'own=2'] }).end('raw');
  }

  @Get('write-head-list')
  writeHeadList(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    takeRaw(response).writeHead(201, ['Content-Type', 'text/plain', 'set-cookie', 'own=1']).end('raw');
  }

  @Get('write')
  async write(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    const raw = takeRaw(response);
    put(session, mark);
    // Waits for every piece, as careful code does.
    for (const piece of ['first, ', 'second']) await new Promise((resolve) => raw.write(piece, resolve));
    raw.end();
  }

  @Get('end')
  end(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    takeRaw(response).end('all at once');
  }

  @Get('piped')
  piped(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const pieces = Array.from({ length: 8 }, (_, i) => LARGE.subarray(i << 16, (i + 1) << 16));
    Readable.from(pieces).pipe(takeRaw(response));
  }

  @Get('flush')
  async flush(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = takeRaw(response);
    raw.flushHeaders();
    await new Promise(setImmediate);
    raw.write('flushed, ');
    raw.end('and written');
  }

  @Get('stream-of-express-or-fastify')
  send(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const stream = Readable.from(['first, ', 'second']);
    if (response.raw) response.send(stream);
    else stream.pipe(takeRaw(response));
  }

  @Sse('events')
  events(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return of({ data: 'one' }, { data: 'two' });
  }

  @Sse('events-async')
  async eventsAsync(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    await new Promise(setImmediate);
    put(session, mark);
    return of({ data: 'one' }, { data: 'two' });
  }
}

const body = (text: string): Pick<Way, 'check'> => ({ check: (reply) => expect(reply.body).toBe(text) });
const events: Pick<Way, 'check'> = {
  check: (reply) => expect(reply.body.match(/data: \w+/g)).toEqual(['data: one', 'data: two']),
};

const WAYS: Way[] = [
  {
    name: 'StreamableFile',
    path: '/file',
    status: 200,
    check: (reply) => {
      expect(reply.bytes.equals(LARGE)).toBe(true);
      expect(reply.headers['content-length']).toBe(String(LARGE.length));
    },
  },
  { name: 'a generator', path: '/generator', status: 200, isOffered: HAS_NEST_12, ...body('first, second') },
  {
    name: 'raw writeHead with an object',
    path: '/write-head',
    status: 201,
    // Node's own rule: headers given to writeHead stand in for those set before.
    foreign: ['own=1', 'own=2'],
    check: (reply) => expect([reply.body, reply.headers['content-type']]).toEqual(['raw', 'text/plain']),
  },
  {
    name: 'raw writeHead with a list',
    path: '/write-head-list',
    status: 201,
    foreign: ['own=1'],
    check: (reply) => expect([reply.body, reply.headers['content-type']]).toEqual(['raw', 'text/plain']),
  },
  { name: 'raw write', path: '/write', status: 200, ...body('first, second') },
  {
    name: 'raw end',
    path: '/end',
    status: 200,
    check: (reply) => expect([reply.body, reply.headers['content-length']]).toEqual(['all at once', '11']),
  },
  {
    name: 'a pipe into the response',
    path: '/piped',
    status: 200,
    check: (reply) => expect(reply.bytes.equals(LARGE)).toBe(true),
  },
  { name: 'raw flushHeaders', path: '/flush', status: 200, ...body('flushed, and written') },
  { name: "the platform's own stream", path: '/stream-of-express-or-fastify', status: 200, ...body('first, second') },
  { name: 'server-sent events', path: '/events', status: 200, ...events },
  { name: 'server-sent events of an async handler', path: '/events-async', status: 200, ...events },
];

describePaths({ ways: WAYS, app: { controllers: [MarkController, StreamsController] } });
