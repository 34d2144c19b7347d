// Handlers that wait in the middle of their work until the test lets them go on, and respond in every way.
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  Controller,
  Get,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import type { Response } from 'express';
import { of } from 'rxjs';
import { Session, type SessionObject } from '../../../lib/index.js';
import { type AnyResponse, type Platform, takeRaw } from '../../support/http.js';
import { HAS_NEST_12 } from '../../support/peers.js';

export interface Steps {
  started?: boolean;
  first?: boolean;
  second?: boolean;
}
type StepsSession = SessionObject<Steps>;

/** Where handlers tell how far they are, and are told to go on. */
export const stage = new EventEmitter();

/** Changes the session, waits until the client has gone, and changes it once more. */
async function work(session: StepsSession): Promise<void> {
  session.first = true;
  stage.emit('entered');
  await once(stage, 'go on');
  session.second = true;
  setImmediate(() => stage.emit('ended'));
}

export let refused: unknown;

/** The same with a step in between that is refused, which the handler does not mind. */
async function workWith(session: StepsSession, step: () => Promise<void>): Promise<void> {
  refused = undefined;
  session.first = true;
  stage.emit('entered');
  await once(stage, 'go on');
  await step().catch((error: unknown) => (refused = error));
  // After destroy() or logout() it could not be saved.
  if (session.first) session.second = true;
  setImmediate(() => stage.emit('ended'));
}

@Catch()
class OwnFilter {
  catch(_exception: unknown, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(400).send({ own: true });
  }
}

@Controller()
export class SlowController {
  @Get('object')
  async object(@Session() session: StepsSession) {
    await work(session);
    return { done: true };
  }

  @Get('text')
  async text(@Session() session: StepsSession) {
    await work(session);
    return 'done';
  }

  @Get('nothing')
  async nothing(@Session() session: StepsSession) {
    await work(session);
  }

  @Get('redirect')
  @Redirect('/elsewhere')
  async redirect(@Session() session: StepsSession) {
    await work(session);
  }

  @Get('throw')
  async throw(@Session() session: StepsSession) {
    await work(session);
    throw new BadRequestException();
  }

  @Get('own-filter')
  @UseFilters(OwnFilter)
  async ownFilter(@Session() session: StepsSession) {
    await work(session);
    throw new BadRequestException();
  }

  @Get('file')
  async file(@Session() session: StepsSession) {
    await work(session);
    return new StreamableFile(Readable.from([Buffer.from('a file')]));
  }

  @Get('generator')
  async *generator(@Session() session: StepsSession) {
    await work(session);
    yield 'done';
  }

  @Get('web-response')
  async webResponse(@Session() session: StepsSession) {
    await work(session);
    return new globalThis.Response('done');
  }

  @Get('passthrough')
  async passthrough(@Session() session: StepsSession, @Res({ passthrough: true }) response: AnyResponse) {
    await work(session);
    response.header('x-own', 'header');
    return 'done';
  }

  @Get('send')
  async send(@Session() session: StepsSession, @Res() response: AnyResponse) {
    await work(session);
    response.send('done');
  }

  @Get('send-stream')
  async sendStream(@Session() session: StepsSession, @Res() response: AnyResponse) {
    await work(session);
    const stream = Readable.from(['done']);
    if (response.raw) response.send(stream);
    else stream.pipe(takeRaw(response));
  }

  @Get('send-file')
  async sendFile(@Session() session: StepsSession, @Res() response: Response) {
    await work(session);
    response.sendFile(import.meta.filename, () => undefined);
  }

  @Get('raw-end')
  async rawEnd(@Session() session: StepsSession, @Res() response: AnyResponse) {
    const raw = takeRaw(response);
    await work(session);
    raw.end('done');
  }

  @Get('raw-write')
  async rawWrite(@Session() session: StepsSession, @Res() response: AnyResponse) {
    const raw = takeRaw(response);
    await work(session);
    raw.writeHead(200, { 'x-own': 'header' });
    raw.write('done');
    raw.end();
  }

  @Get('raw-pipeline')
  async rawPipeline(@Session() session: StepsSession, @Res() response: AnyResponse) {
    const raw = takeRaw(response);
    await work(session);
    // Node 24 does not even begin with it.
    await pipeline(Readable.from(['done']), raw).catch(() => raw.end());
  }

  @Get('after-its-end')
  async afterItsEnd(@Session() session: StepsSession, @Res() response: AnyResponse) {
    const raw = takeRaw(response);
    // As Nest does for server-sent events.
    raw.on('close', () => raw.end());
    await work(session);
    raw.end('done');
  }

  @Get('never')
  async never(@Session() session: StepsSession, @Res() response: AnyResponse) {
    takeRaw(response);
    await work(session);
  }

  @Get('save')
  async save(@Session() session: StepsSession, @Res() response: AnyResponse) {
    takeRaw(response);
    await work(session);
    await session.save().catch((error: unknown) => (refused = error));
  }

  @Get('login')
  login(@Session() session: StepsSession) {
    return workWith(session, () => session.login('a user'));
  }

  @Get('regenerate')
  regenerate(@Session() session: StepsSession) {
    return workWith(session, () => session.regenerate());
  }

  @Get('logout')
  logout(@Session() session: StepsSession) {
    return workWith(session, () => session.logout());
  }

  @Get('start')
  start(@Session() session: StepsSession) {
    session.started = true;
  }

  @Get('steps')
  steps(@Session() session: StepsSession) {
    return { ...session };
  }

  @Sse('events')
  async events(@Session() session: StepsSession) {
    await work(session);
    return of({ data: 'done' });
  }
}

export interface Way {
  path: string;
  isOffered?: boolean;
  on?: Platform;
}

/** Ways to respond that reach the response although its client has gone. */
export const RESPONDING: Way[] = [
  ...['/object', '/text', '/nothing', '/redirect', '/throw', '/own-filter', '/file', '/passthrough'],
  ...['/send', '/send-stream', '/raw-end', '/raw-write', '/raw-pipeline', '/after-its-end'],
].map((path) => ({ path }));
RESPONDING.push({ path: '/send-file', on: 'express' });

/** What Nest gives up when the client goes, and handlers that never respond. */
export const UNANSWERED: Way[] = [{ path: '/events' }, { path: '/never' }];
UNANSWERED.push(...['/generator', '/web-response'].map((path) => ({ path, isOffered: HAS_NEST_12 })));

export const offered = (ways: Way[], platform: Platform) =>
  ways.filter(({ isOffered = true, on = platform }) => isOffered && on === platform).map(({ path }) => path);

/** Time for whatever a server does with what it has got. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}
