// Handlers that give a response and then go on, under several exception filters.
import type { ServerResponse } from 'node:http';
import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  Controller,
  Get,
  HttpException,
  Query,
  Res,
  UseFilters,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type Platform, sharedApp } from '../../support/http.js';

/** Takes some turns for every write, so that a response has to wait. */
export class SlowStore extends MemorySessionStore {
  override async insert(...args: Parameters<MemorySessionStore['insert']>) {
    await turns();
    return super.insert(...args);
  }

  override async update(...args: Parameters<MemorySessionStore['update']>) {
    await turns();
    return super.update(...args);
  }
}

export async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
}

/** A response of either platform, as far as handlers here use it. */
export interface AnyResponse extends ServerResponse {
  readonly raw?: ServerResponse;
  hijack?(): void;
  status(status: number): AnyResponse;
  header(name: string, value: unknown): AnyResponse;
  type(type: string): AnyResponse;
  send(body: unknown): void;
  json?(body: unknown): void;
}

type AnySession = SessionObject<{ count?: number }>;

/** The filter of Nest's documentation, for either platform. */
@Catch(HttpException)
class DocumentedFilter {
  catch(exception: HttpException, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<AnyResponse>();
    const status = exception.getStatus();
    const body = { statusCode: status, timestamp: 'now' };
    if (response.json) response.status(status).json!(body);
    else response.status(status).send(body);
  }
}

/** The one for everything. */
@Catch()
class CatchAllFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_exception: unknown, host: ArgumentsHost) {
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { caught: true }, 500);
  }
}

@Catch()
class BrokenFilter {
  catch() {
    throw new Error('a broken filter');
  }
}

export const LARGE = 'large '.repeat(50_000);

/** Ways to give a response. */
export const GIVE: Record<string, (response: AnyResponse) => void> = {
  text: (response) => response.status(201).header('x-own', 'given').type('text/plain').send('given'),
  object: (response) => response.status(201).header('x-own', 'given').send({ given: true }),
  large: (response) => response.status(201).header('x-own', 'given').send(LARGE),
  raw: (response) => {
    response.hijack?.();
    const raw = response.raw ?? response;
    raw.statusCode = 201;
    raw.setHeader('x-own', 'given');
    raw.end('given');
  },
  'raw, in pieces': (response) => {
    response.hijack?.();
    const raw = response.raw ?? response;
    raw.writeHead(201, { 'x-own': 'given' });
    raw.write('giv');
    raw.end('en');
  },
};
export const BODIES: Record<string, string> = { object: '{"given":true}', large: LARGE };

/** What comes afterwards. */
export const AFTERWARDS: Record<string, (response: AnyResponse) => void> = {
  exception: () => {
    throw new BadRequestException('after the response');
  },
  error: () => {
    throw new Error('after the response');
  },
  'a second response': (response) => response.status(500).header('x-own', 'second').send('second'),
  'a second end': (response) => void (response.raw ?? response).end('second'),
};

/** What is set afterwards. Node and the platforms may refuse it. */
export const SET: Record<string, (response: AnyResponse) => void> = {
  'raw.statusCode': (response) => ((response.raw ?? response).statusCode = 500),
  statusCode: (response) => (response.statusCode = 500),
  'status()': (response) => response.status(500),
  statusMessage: (response) => ((response.raw ?? response).statusMessage = 'Changed'),
  sendDate: (response) => ((response.raw ?? response).sendDate = false),
  'header()': (response) => response.header('x-own', 'changed'),
  'another header()': (response) => response.header('x-other', 'set'),
  'type()': (response) => response.type('text/html'),
  'Set-Cookie': (response) => response.header('set-cookie', 'other=1'),
  'removeHeader()': (response) => response.removeHeader('x-own'),
  'raw.setHeader()': (response) => (response.raw ?? response).setHeader('x-own', 'changed'),
  'raw.removeHeader()': (response) => (response.raw ?? response).removeHeader('x-own'),
  'raw.writeHead()': (response) => (response.raw ?? response).writeHead(500, { 'x-own': 'changed' }),
};

abstract class GivingHandlers {
  @Get('login')
  async login(
    @Session() session: AnySession,
    @Res() response: AnyResponse,
    @Query('give') give: string,
    @Query('next') next: string,
  ) {
    await session.login('the user', { keep: true });
    session.count = 1;
    GIVE[give]!(response);
    AFTERWARDS[next]!(response);
  }

  @Get('later')
  async later(
    @Session() session: AnySession,
    @Res() response: AnyResponse,
    @Query('give') give: string,
    @Query('next') next: string,
  ) {
    session.count = 1;
    GIVE[give]!(response);
    // By then it has been saved and sent.
    await turns();
    await turns();
    AFTERWARDS[next]!(response);
  }

  @Get('set')
  set(
    @Session() session: AnySession,
    @Res() response: AnyResponse,
    @Query('give') give: string,
    @Query('next') next: string,
  ) {
    session.count = 1;
    GIVE[give]!(response);
    try {
      SET[next]!(response);
    } catch {
      // It has been refused, as it should be.
    }
  }

  @Get('headers-reused')
  headersReused(@Session() session: AnySession, @Res() response: AnyResponse) {
    session.count = 1;
    response.hijack?.();
    const headers = { 'x-own': 'given', 'x-list': ['one'] };
    (response.raw ?? response).writeHead(201, headers);
    headers['x-own'] = 'changed';
    headers['x-list'].push('two');
    (response.raw ?? response).end('given');
  }

  @Get('who')
  who(@Session() session: AnySession) {
    return { userId: session.userId, count: session.count };
  }
}

@Controller('plain')
class PlainController extends GivingHandlers {}

@Controller('documented')
@UseFilters(DocumentedFilter)
class DocumentedController extends GivingHandlers {}

@Controller('catch-all')
@UseFilters(CatchAllFilter)
class CatchAllController extends GivingHandlers {}

@Controller('broken')
@UseFilters(BrokenFilter)
class BrokenController extends GivingHandlers {}

const CONTROLLERS = [PlainController, DocumentedController, CatchAllController, BrokenController];
export const FILTERS = ['plain', 'documented', 'catch-all', 'broken'];

export const appOn = (platform: Platform) =>
  sharedApp(() => ({ platform, controllers: CONTROLLERS, sessions: { store: new SlowStore() } }));
