// Answers that Nest gives for a handler, and those that a handler gives itself.
import {
  BadRequestException,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  HttpException,
  ParseIntPipe,
  Query,
  Redirect,
  Res,
  UseGuards,
} from '@nestjs/common';
import { expect } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import type { AnyResponse } from '../support/http.js';
import { type Way, describePaths } from './response-paths/contract.js';
import { MarkController, type Marked, put } from './response-paths/mark.controller.js';

type MarkedSession = SessionObject<Marked>;

/** Changes the session, and lets pass whom it is told to. */
class MarkingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{
      session: MarkedSession;
      query: { mark?: string };
      url: string;
    }>();
    put(request.session, request.query.mark);
    return !request.url.startsWith('/refused');
  }
}

@Controller()
class AnswersController {
  @Get('value')
  value(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return 'a value';
  }

  @Get('undefined')
  nothing(@Session() session: MarkedSession, @Query('mark') mark?: string): void {
    put(session, mark);
  }

  @Get('object')
  async object(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return { is: 'an object' };
  }

  @Get('exception')
  exception(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    throw new HttpException('short and stout', 418);
  }

  @Get('error')
  error(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    throw new Error('a mistake');
  }

  @Get('guarded')
  @UseGuards(MarkingGuard)
  guarded() {
    return 'passed';
  }

  @Get('refused')
  @UseGuards(MarkingGuard)
  refused() {
    return 'never';
  }

  @Get('pipe')
  @UseGuards(MarkingGuard)
  pipe(@Query('number', ParseIntPipe) number: number) {
    return number;
  }

  @Get('res')
  own(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    response.send('sent');
  }

  @Get('res-async')
  async ownLater(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    await new Promise(setImmediate);
    put(session, mark);
    response.send('sent');
  }

  @Get('twice')
  twice(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    response.send('the first');
    throw new BadRequestException('too late');
  }

  @Get('passthrough')
  passthrough(
    @Session() session: MarkedSession,
    @Res({ passthrough: true }) response: AnyResponse,
    @Query('mark') mark?: string,
  ) {
    put(session, mark);
    response.header('x-own', 'header');
    return 'passed through';
  }

  @Get('cookie')
  cookie(
    @Session() session: MarkedSession,
    @Res({ passthrough: true }) response: AnyResponse,
    @Query('mark') mark?: string,
  ) {
    put(session, mark);
    if (response.appendHeader) response.appendHeader('set-cookie', 'own=1');
    else response.header('set-cookie', 'own=1');
  }

  @Get('redirect')
  @Redirect('/elsewhere', 302)
  redirect(@Session() session: MarkedSession, @Query('mark') mark?: string): void {
    put(session, mark);
  }

  @Get('res-redirect')
  ownRedirect(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    if (response.raw) response.redirect('/elsewhere', 302);
    else response.redirect(302, '/elsewhere');
  }

  @Get('no-content')
  @HttpCode(204)
  noContent(@Session() session: MarkedSession, @Query('mark') mark?: string): void {
    put(session, mark);
  }

  @Get('not-modified')
  @HttpCode(304)
  notModified(@Session() session: MarkedSession, @Query('mark') mark?: string): void {
    put(session, mark);
  }

  @Get('etag')
  @Header('ETag', '"tag"')
  etag(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return 'the same as ever';
  }
}

const body = (text: string): Pick<Way, 'check'> => ({ check: (reply) => expect(reply.body).toBe(text) });
const refusal = (text: string): Pick<Way, 'check'> => ({ check: (reply) => expect(reply.body).toContain(text) });
const elsewhere: Pick<Way, 'check'> = { check: (reply) => expect(reply.headers.location).toBe('/elsewhere') };

const WAYS: Way[] = [
  { name: 'a value', path: '/value', status: 200, ...body('a value') },
  { name: 'undefined', path: '/undefined', status: 200, ...body('') },
  { name: 'an object', path: '/object', status: 200, ...body('{"is":"an object"}') },
  { name: 'an exception', path: '/exception', status: 418, ...refusal('short and stout') },
  { name: 'an error', path: '/error', status: 500, ...refusal('Internal server error') },
  { name: 'a guard that lets pass', path: '/guarded', status: 200, ...body('passed') },
  { name: 'a guard that changes the session and refuses', path: '/refused', status: 403, ...refusal('Forbidden') },
  { name: 'a pipe that refuses', path: '/pipe', status: 400, ...refusal('numeric string') },
  { name: '@Res()', path: '/res', status: 200, ...body('sent') },
  { name: '@Res() in an async handler', path: '/res-async', status: 200, ...body('sent') },
  { name: 'an exception after the answer', path: '/twice', status: 200, ...body('the first') },
  {
    name: 'passthrough',
    path: '/passthrough',
    status: 200,
    check: (reply) => expect([reply.body, reply.headers['x-own']]).toEqual(['passed through', 'header']),
  },
  {
    name: 'a cookie of the handler',
    path: '/cookie',
    status: 200,
    // Fastify's reply has no cookie of the raw response once it has one of its own.
    foreign: { express: ['foreign=1', 'own=1'], fastify: ['own=1'] },
  },
  { name: '@Redirect()', path: '/redirect', status: 302, ...elsewhere },
  { name: 'res.redirect()', path: '/res-redirect', status: 302, ...elsewhere },
  { name: '204', path: '/no-content', status: 204, ...body('') },
  { name: '304', path: '/not-modified', status: 304, ...body('') },
  {
    name: '304 by ETag',
    path: '/etag',
    headers: { 'if-none-match': '"tag"' },
    status: 304,
    on: ['express'],
    ...body(''),
  },
  {
    name: 'HEAD',
    path: '/value',
    method: 'HEAD',
    status: 200,
    check: (reply) => expect([reply.body, reply.headers['content-length']]).toEqual(['', '7']),
  },
];

describePaths({ ways: WAYS, app: { controllers: [MarkController, AnswersController] } });
