// Responses that leave piece by piece: streams, what is written to the raw response, server-sent events.
import { Readable } from 'node:stream';
import { Controller, Query, Sse, StreamableFile } from '@nestjs/common';
import { of } from 'rxjs';
import { expect } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { takeRaw } from '../../support/http.js';
import { HAS_NEST_12 } from '../../support/peers.js';
import { type Way, describePaths, onRaw, responding, returning, withBody } from './contract.js';
import { type Marked, put } from './mark.controller.js';

const LARGE = Buffer.alloc(512 * 1024, 'large ');

@Controller()
class EventsController {
  @Sse('events')
  events(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return of({ data: 'one' }, { data: 'two' });
  }

  @Sse('events-async')
  async eventsAsync(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    await new Promise(setImmediate);
    return this.events(session, mark);
  }
}

const file = returning(() => {
  const pieces = [LARGE.subarray(0, 1000), LARGE.subarray(1000)];
  return new StreamableFile(Readable.from(pieces), { length: LARGE.length, disposition: 'attachment' });
});
const generator = returning(async function* () {
  yield 'first, ';
  await new Promise(setImmediate);
  yield 'second';
});
// Waits for every piece, as careful code does.
const written = onRaw(async (raw) => {
  for (const piece of ['first, ', 'second']) await new Promise((resolve) => raw.write(piece, resolve));
  raw.end();
});
const piped = onRaw((raw) => {
  const pieces = Array.from({ length: 8 }, (_, i) => LARGE.subarray(i << 16, (i + 1) << 16));
  Readable.from(pieces).pipe(raw);
});
const flushed = onRaw(async (raw) => {
  raw.flushHeaders();
  await new Promise(setImmediate);
  raw.write('flushed, ');
  raw.end('and written');
});
const streamed = responding(({ response }) => {
  const stream = Readable.from(['first, ', 'second']);
  if (response.raw) response.send(stream);
  else stream.pipe(takeRaw(response));
});
const ofObject = responding(({ response }) => {
  const raw = response.raw ?? takeRaw(response);
  raw.writeHead(201, 'Made', { 'Content-Type': 'text/plain', 'Set-Cookie': ['own=1', 'own=2'] }).end('raw');
});
const ofList = onRaw((raw) => raw.writeHead(201, ['Content-Type', 'text/plain', 'set-cookie', 'own=1']).end('raw'));

const plain: Pick<Way, 'status' | 'check'> = {
  status: 201,
  check: (reply) => expect([reply.body, reply.headers['content-type']]).toEqual(['raw', 'text/plain']),
};
const events: Pick<Way, 'status' | 'check'> = {
  status: 200,
  check: (reply) => expect(reply.body.match(/data: \w+/g)).toEqual(['data: one', 'data: two']),
};

const WAYS: Way[] = [
  {
    ...{ name: 'StreamableFile', path: file, status: 200 },
    check: (reply) => {
      expect(reply.bytes.equals(LARGE)).toBe(true);
      expect(reply.headers['content-length']).toBe(String(LARGE.length));
    },
  },
  { ...withBody('a generator', generator, 'first, second'), isOffered: HAS_NEST_12 },
  // Node's own rule: headers given to writeHead stand in for those set before.
  { name: 'raw writeHead with an object', path: ofObject, foreign: ['own=1', 'own=2'], ...plain },
  { name: 'raw writeHead with a list', path: ofList, foreign: ['own=1'], ...plain },
  withBody('raw write', written, 'first, second'),
  {
    ...{ name: 'raw end', path: onRaw((raw) => raw.end('all at once')), status: 200 },
    check: (reply) => expect([reply.body, reply.headers['content-length']]).toEqual(['all at once', '11']),
  },
  {
    ...{ name: 'a pipe into the response', path: piped, status: 200 },
    check: (reply) => expect(reply.bytes.equals(LARGE)).toBe(true),
  },
  withBody('raw flushHeaders', flushed, 'flushed, and written'),
  withBody("the platform's own stream", streamed, 'first, second'),
  { name: 'server-sent events', path: '/events', ...events },
  { name: 'server-sent events of an async handler', path: '/events-async', ...events },
];

describePaths({ ways: WAYS, app: { controllers: [EventsController] } });
