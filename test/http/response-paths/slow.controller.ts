// Handlers that wait in the middle of their work until the test lets them go on, and respond in every way.
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ArgumentsHost, BadRequestException, Catch, Controller, Get } from '@nestjs/common';
import { Redirect, Sse, StreamableFile, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { of } from 'rxjs';
import { Session, type SessionObject } from '../../../lib/index.js';
import { type Platform, takeRaw } from '../../support/http.js';
import { HAS_NEST_12 } from '../../support/peers.js';
import { type AnySession, type Handle, route } from '../../support/world.js';

/** Where handlers tell how far they are, and are told to go on. */
export const stage = new EventEmitter();

export let refused: unknown;

/** Changes the session, waits until the client has gone, and changes it once more. */
async function work(session: AnySession, step?: () => Promise<void>): Promise<void> {
  refused = undefined;
  session['first'] = true;
  stage.emit('entered');
  await once(stage, 'go on');
  // It may be refused, which the handler does not mind.
  await step?.().catch((error: unknown) => (refused = error));
  // After destroy() or logout() it could not be saved.
  if (session['first']) session['second'] = true;
  setImmediate(() => stage.emit('ended'));
}

/** Nest responds with the result when the work is done. */
const returning = (respond: Handle = () => undefined) =>
  route(async (visit) => {
    await work(visit.session);
    return respond(visit);
  });

/** The handler responds by itself. */
const responding = (respond: Handle) =>
  route(async (visit) => {
    await work(visit.session);
    await respond(visit);
  }, 'raw');

/** The same on the response below, which is taken before the work. */
const onRaw = (respond: (raw: ServerResponse) => unknown, before?: (raw: ServerResponse) => void) =>
  route(async ({ session, response }) => {
    const raw = takeRaw(response);
    before?.(raw);
    await work(session);
    await respond(raw);
  }, 'raw');

/** A step in between. */
const working = (step: (session: AnySession) => Promise<void>) =>
  route(({ session }) => work(session, () => step(session)));

@Catch()
class OwnFilter {
  catch(_exception: unknown, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(400).send({ own: true });
  }
}

/** What needs a decorator of Nest. */
@Controller()
export class SlowController {
  @Get('redirect')
  @Redirect('/elsewhere')
  async redirect(@Session() session: SessionObject) {
    await work(session as AnySession);
  }

  @Get('own-filter')
  @UseFilters(OwnFilter)
  async ownFilter(@Session() session: SessionObject) {
    await work(session as AnySession);
    throw new BadRequestException();
  }

  @Sse('events')
  async events(@Session() session: SessionObject) {
    await work(session as AnySession);
    return of({ data: 'done' });
  }
}

export interface Way {
  name: string;
  path: string;
  isOffered?: boolean;
  on?: Platform;
}

/** Ways to respond that reach the response although its client has gone. */
export const RESPONDING: Way[] = [
  { name: 'an object', path: returning(() => ({ done: true })) },
  { name: 'a text', path: returning(() => 'done') },
  { name: 'nothing', path: returning() },
  { name: '@Redirect()', path: '/redirect' },
  { name: 'an exception', path: returning(() => Promise.reject(new BadRequestException())) },
  { name: 'an exception filter', path: '/own-filter' },
  { name: 'StreamableFile', path: returning(() => new StreamableFile(Readable.from([Buffer.from('a file')]))) },
  { name: 'passthrough', path: returning(({ response }) => (response.header('x-own', 'header'), 'done')) },
  { name: 'send()', path: responding(({ response }) => response.send('done')) },
  {
    name: 'a stream',
    path: responding(({ response }) => {
      const stream = Readable.from(['done']);
      if (response.raw) response.send(stream);
      else stream.pipe(takeRaw(response));
    }),
  },
  {
    name: 'sendFile()',
    path: responding(({ response }) =>
      (response as unknown as Response).sendFile(import.meta.filename, () => undefined),
    ),
    on: 'express',
  },
  { name: 'raw end()', path: onRaw((raw) => raw.end('done')) },
  { name: 'raw write()', path: onRaw((raw) => (raw.writeHead(200, { 'x-own': 'header' }).write('done'), raw.end())) },
  // Node 24 does not even begin with it.
  { name: 'a raw pipeline', path: onRaw((raw) => pipeline(Readable.from(['done']), raw).catch(() => raw.end())) },
  // As Nest does for server-sent events.
  {
    name: 'a raw end() after another one',
    path: onRaw(
      (raw) => raw.end('done'),
      (raw) => void raw.on('close', () => raw.end()),
    ),
  },
];

/** What Nest gives up when the client goes, and a handler that never responds. */
export const UNANSWERED: Way[] = [
  { name: 'server-sent events', path: '/events' },
  { name: 'a handler that never responds', path: onRaw(() => {}) },
  {
    name: 'a generator',
    path: route(async function* ({ session }) {
      await work(session);
      yield 'done';
    }),
    isOffered: HAS_NEST_12,
  },
  { name: 'a web Response', path: returning(() => new globalThis.Response('done')), isOffered: HAS_NEST_12 },
];

/** Steps in between, by their names. */
export const STEPS = {
  'save()': route(async ({ session, response }) => {
    takeRaw(response);
    await work(session);
    await session.save().catch((error: unknown) => (refused = error));
  }, 'raw'),
  'login()': working((session) => session.login('a user')),
  'regenerate()': working((session) => session.regenerate()),
  'logout()': working((session) => session.logout()),
};

export const offered = (ways: Way[], platform: Platform) =>
  ways.filter(({ isOffered = true, on = platform }) => isOffered && on === platform).map((way) => [way.name, way.path]);

/** Time for whatever a server does with what it has got. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}
