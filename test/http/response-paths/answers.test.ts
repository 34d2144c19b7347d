// Responses that Nest gives for a handler, and those that a handler gives itself.
import { BadRequestException, Controller, Get, Header, HttpCode, HttpException, ParseIntPipe } from '@nestjs/common';
import { type CanActivate, type ExecutionContext, Query, Redirect, UseGuards } from '@nestjs/common';
import { expect } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { type Way, describePaths, responding, returning, withBody } from './contract.js';
import { type Marked, put } from './mark.controller.js';

/** Changes the session, and lets pass whom it is told to. */
class MarkingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    type Request = { session: SessionObject<Marked>; query: { mark?: string }; url: string };
    const { session, query, url } = context.switchToHttp().getRequest<Request>();
    put(session, query.mark);
    return !url.startsWith('/refused');
  }
}

/** What needs a decorator of Nest. */
@Controller()
class AnswersController {
  @Get(['value', 'head']) value(@Session() session: SessionObject<Marked>, @Query('mark') mark?: string) {
    put(session, mark);
    return 'a value';
  }
}

@Controller()
@UseGuards(MarkingGuard)
class GuardedController {
  @Get(['guarded', 'refused']) guarded() {
    return 'passed';
  }

  @Get('pipe') pipe(@Query('number', ParseIntPipe) number: number) {
    return number;
  }

  @Get('redirect')
  @Redirect('/elsewhere', 302)
  redirect(): void {}

  @Get('no-content')
  @HttpCode(204)
  noContent(): void {}

  @Get('not-modified')
  @HttpCode(304)
  notModified(): void {}

  @Get('etag')
  @Header('ETag', '"tag"')
  etag() {
    return 'the same as ever';
  }
}

function fail(error: Error): never {
  throw error;
}

const refusal = (name: string, path: string, status: number, text: string): Way => ({
  ...{ name, path, status },
  check: (reply) => expect(reply.body).toContain(text),
});
const elsewhere: Pick<Way, 'check'> = { check: (reply) => expect(reply.headers.location).toBe('/elsewhere') };

const redirecting = responding(({ response }) =>
  response.raw ? response.redirect('/elsewhere', 302) : response.redirect(302, '/elsewhere'),
);
const settingCookie = returning(({ response }) => {
  if (response.appendHeader) response.appendHeader('set-cookie', 'own=1');
  else response.header('set-cookie', 'own=1');
});
const object = returning(async () => ({ is: 'an object' }));
const exception = returning(() => fail(new HttpException('short and stout', 418)));
const mistake = returning(() => fail(new Error('a mistake')));
const sending = responding(({ response }) => response.send('sent'));
const sendingTwice = responding(({ response }) => {
  response.send('the first');
  fail(new BadRequestException('too late'));
});
const sendingLater = responding(async ({ response }) => {
  await new Promise(setImmediate);
  response.send('sent');
});
const passingThrough = returning(({ response }) => {
  response.header('x-own', 'header');
  return 'passed through';
});

const WAYS: Way[] = [
  withBody('a value', '/value', 'a value'),
  withBody('undefined', returning(), ''),
  withBody('an object', object, '{"is":"an object"}'),
  refusal('an exception', exception, 418, 'short and stout'),
  refusal('an error', mistake, 500, 'Internal server error'),
  withBody('a guard that lets pass', '/guarded', 'passed'),
  refusal('a guard that changes the session and refuses', '/refused', 403, 'Forbidden'),
  refusal('a pipe that refuses', '/pipe', 400, 'numeric string'),
  withBody('@Res()', sending, 'sent'),
  withBody('@Res() in an async handler', sendingLater, 'sent'),
  withBody('an exception after the answer', sendingTwice, 'the first'),
  {
    ...{ name: 'passthrough', path: passingThrough, status: 200 },
    check: (reply) => expect([reply.body, reply.headers['x-own']]).toEqual(['passed through', 'header']),
  },
  {
    ...{ name: 'a cookie of the handler', path: settingCookie, status: 200 },
    // Fastify's reply has no cookie of the raw response once it has one of its own.
    foreign: { express: ['foreign=1', 'own=1'], fastify: ['own=1'] },
  },
  { name: '@Redirect()', path: '/redirect', status: 302, ...elsewhere },
  { name: 'res.redirect()', path: redirecting, status: 302, ...elsewhere },
  withBody('204', '/no-content', '', 204),
  withBody('304', '/not-modified', '', 304),
  { ...withBody('304 by ETag', '/etag', '', 304), headers: { 'if-none-match': '"tag"' }, on: ['express'] },
  {
    ...{ name: 'HEAD', path: '/head', method: 'HEAD', status: 200 },
    check: (reply) => expect([reply.body, reply.headers['content-length']]).toEqual(['', '7']),
  },
];

describePaths({ ways: WAYS, app: { controllers: [AnswersController, GuardedController] } });
