// A response that was given leaves as it was given, whatever comes while it waits for its session.
import type { ServerResponse } from 'node:http';
import { type ArgumentsHost, BadRequestException, Catch, Controller, Get, HttpException } from '@nestjs/common';
import { Req, Res, UseFilters } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { ObservedStore, type Platform, PLATFORMS, rawOf, sharedApp, takeRaw } from '../../support/http.js';

/** A response of either platform, as far as handlers here use it. */
interface AnyResponse extends ServerResponse {
  readonly raw?: ServerResponse;
  hijack?(): void;
  status(status: number): AnyResponse;
  header(name: string, value: unknown): AnyResponse;
  type(type: string): AnyResponse;
  send(body: unknown): void;
  json?(body: unknown): void;
}

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

const LARGE = 'large '.repeat(50_000);
const given = (response: AnyResponse) => response.status(201).header('x-own', 'given');

/** Ways to give a response. */
const GIVE: Record<string, (response: AnyResponse) => void> = {
  text: (response) => given(response).type('text/plain').send('given'),
  object: (response) => given(response).send({ given: true }),
  large: (response) => given(response).send(LARGE),
  raw: (response) => {
    const raw = takeRaw(response);
    raw.statusCode = 201;
    raw.setHeader('x-own', 'given');
    raw.end('given');
  },
  'raw, in pieces': (response) => {
    const raw = takeRaw(response);
    raw.writeHead(201, { 'x-own': 'given' });
    raw.write('giv');
    raw.end('en');
  },
};
const BODIES: Record<string, string> = { object: '{"given":true}', large: LARGE };

const fail = (error: Error) => () => {
  throw error;
};

/** What comes afterwards. */
const AFTERWARDS: Record<string, (response: AnyResponse) => void> = {
  exception: fail(new BadRequestException('after the response')),
  error: fail(new Error('after the response')),
  'a second response': (response) => response.status(500).header('x-own', 'second').send('second'),
  'a second end': (response) => void rawOf(response).end('second'),
};

/** What is set afterwards. Node and the platforms may refuse it. */
const SET: Record<string, (response: AnyResponse) => void> = {
  'raw.statusCode': (response) => (rawOf(response).statusCode = 500),
  statusCode: (response) => (response.statusCode = 500),
  'status()': (response) => response.status(500),
  statusMessage: (response) => (rawOf(response).statusMessage = 'Changed'),
  sendDate: (response) => (rawOf(response).sendDate = false),
  'header()': (response) => response.header('x-own', 'changed'),
  'another header()': (response) => response.header('x-other', 'set'),
  'type()': (response) => response.type('text/html'),
  'Set-Cookie': (response) => response.header('set-cookie', 'other=1'),
  'removeHeader()': (response) => response.removeHeader('x-own'),
  'raw.setHeader()': (response) => rawOf(response).setHeader('x-own', 'changed'),
  'raw.removeHeader()': (response) => rawOf(response).removeHeader('x-own'),
  'raw.writeHead()': (response) => rawOf(response).writeHead(500, { 'x-own': 'changed' }),
};

type AnySession = SessionObject<{ count?: number }>;
type Choice = { query: { give: string; next: string } };

abstract class GivingHandlers {
  @Get('login') async login(@Session() session: AnySession, @Res() response: AnyResponse, @Req() { query }: Choice) {
    await session.login('the user', { keep: true });
    session.count = 1;
    GIVE[query.give]!(response);
    AFTERWARDS[query.next]!(response);
  }

  @Get('later') async later(@Session() session: AnySession, @Res() response: AnyResponse, @Req() { query }: Choice) {
    session.count = 1;
    GIVE[query.give]!(response);
    // By then it has been saved and sent.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    AFTERWARDS[query.next]!(response);
  }

  @Get('set') set(@Session() session: AnySession, @Res() response: AnyResponse, @Req() { query }: Choice) {
    session.count = 1;
    GIVE[query.give]!(response);
    try {
      SET[query.next]!(response);
    } catch {
      // It has been refused, as it should be.
    }
  }

  @Get('headers-reused') headersReused(@Session() session: AnySession, @Res() response: AnyResponse) {
    session.count = 1;
    const headers = { 'x-own': 'given', 'x-list': ['one'] };
    const raw = takeRaw(response).writeHead(201, headers);
    headers['x-own'] = 'changed';
    headers['x-list'].push('two');
    raw.end('given');
  }

  @Get('who') who(@Session() session: AnySession) {
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

const controllers = [PlainController, DocumentedController, CatchAllController, BrokenController];
const FILTERS = ['plain', 'documented', 'catch-all', 'broken'];

/** Its store takes some turns for every write, so that a response has to wait. */
const appOn = (platform: Platform) =>
  sharedApp(() => ({ platform, controllers, sessions: { store: Object.assign(new ObservedStore(), { turns: 5 }) } }));

describe.each(PLATFORMS)('B5: an error after the response, %s', (platform) => {
  const app = appOn(platform);
  const cases = FILTERS.flatMap((filter) =>
    Object.keys(GIVE).flatMap((give) => Object.keys(AFTERWARDS).map((next) => [filter, give, next] as const)),
  );

  it.each(cases)('%s filter, %s, then %s: leaves as it was given', async (filter, give, next) => {
    for (const moment of ['login', 'later']) {
      const browser = app().client();
      app().log.lines.length = 0;
      const reply = await browser.get(`/${filter}/${moment}?${new URLSearchParams({ give, next })}`);
      expect(reply).toMatchObject({ status: 201, cutOff: false, headers: { 'x-own': 'given' } });
      expect(reply.body).toBe(BODIES[give] ?? 'given');
      const who = JSON.parse((await browser.get('/plain/who')).body) as object;
      expect(who).toEqual({ count: 1, ...(moment === 'login' && { userId: 'the user' }) });
    }
  });

  it('is logged', async () => {
    app().log.lines.length = 0;
    await app().client().get('/plain/login?give=text&next=error');
    expect(app().log.lines).toContainEqual(expect.stringContaining('Error: after the response'));
    app().log.lines.length = 0;
    await app().client().get('/broken/login?give=text&next=error');
    if (platform === 'express') expect(app().log.lines).toContainEqual(expect.stringContaining('a broken filter'));
  });
});

describe.each(PLATFORMS)('B6: what is set after the response, %s', (platform) => {
  const app = appOn(platform);
  const cases = Object.keys(GIVE).flatMap((give) => Object.keys(SET).map((next) => [give, next] as const));

  it.each(cases)('%s, then %s: changes nothing', async (give, next) => {
    const get = (then: string) =>
      app()
        .client()
        .get(`/plain/set?${new URLSearchParams({ give, next: then })}`);
    const [before, reply] = [await get('nothing'), await get(next)];
    const of = ({ status, headers, body }: typeof reply) => ({
      ...{ status, body },
      headers: { ...headers, date: headers.date && 'a date', 'set-cookie': headers['set-cookie']?.length },
    });
    expect(of(reply)).toEqual(of(before));
    expect(reply).toMatchObject({ status: 201, body: BODIES[give] ?? 'given', headers: { 'x-own': 'given' } });
  });

  it('headers that were given to writeHead are those of that moment', async () => {
    const { headers } = await app().client().get('/plain/headers-reused');
    expect(headers).toMatchObject({ 'x-own': 'given', 'x-list': 'one' });
  });
});
