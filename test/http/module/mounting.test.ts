// Wherever a request comes by, it carries one and the same session.
import { ArgumentsHost, Catch, Controller, Get, HttpException, Injectable, Module, Req } from '@nestjs/common';
import { type CallHandler, Session as NestSession, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import type { CanActivate, ExceptionFilter, ExecutionContext, MiddlewareConsumer } from '@nestjs/common';
import type { NestInterceptor, NestModule, PipeTransform } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { type Platform, PLATFORMS, sharedApp } from '../../support/http.js';

type Notes = SessionObject<{ first?: string }>;
type Request = { session: Notes };

/** Who has seen which session, in that order. */
let seen: [who: string, session: Notes][] = [];
beforeEach(() => {
  seen = [];
});
const see = (who: string, session: Notes) => {
  seen.push([who, session]);
  session.first ??= who;
};
const seeIn = (who: string, host: ArgumentsHost) => see(who, host.switchToHttp().getRequest<Request>().session);

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    seeIn('guard', context);
    return true;
  }
}

class Interceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seeIn('interceptor', context);
    return next.handle().pipe(tap({ finalize: () => seeIn('interceptor afterwards', context) }));
  }
}

class Pipe implements PipeTransform<Notes> {
  transform(session: Notes): Notes {
    see('pipe', session);
    return session;
  }
}

@Catch(HttpException)
class Filter implements ExceptionFilter<HttpException> {
  catch(error: HttpException, host: ArgumentsHost): void {
    seeIn('filter', host);
    const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: string): void } }>();
    response.status(error.getStatus()).send('caught');
  }
}

@Controller()
@UseGuards(Guard)
@UseInterceptors(Interceptor)
@UseFilters(Filter)
class SeeingController {
  @Get('see') handler(@Session(Pipe) ours: Notes, @NestSession() nests: Notes, @Req() request: Request) {
    see('our @Session()', ours);
    see("Nest's @Session()", nests);
    see('@Req()', request.session);
    return ours.first;
  }

  @Get('fail') fail(): never {
    throw new HttpException('no', 418);
  }
}

@Module({})
class MiddlewareModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((request: Request, _response: unknown, next: () => void) => {
        see('middleware', request.session);
        next();
      })
      .forRoutes('{*splat}');
  }
}

const BEFORE = ['middleware', 'guard', 'interceptor'];

describe.each(PLATFORMS)('on %s, one session is seen by', (platform: Platform) => {
  const app = sharedApp(() => ({
    platform,
    // Before the module of the sessions, which is global and comes first all the same.
    imports: [MiddlewareModule],
    sessions: { store: new MemorySessionStore() },
    controllers: [SeeingController],
  }));
  const who = () => seen.map(([name]) => name);
  const sessions = () => new Set(seen.map(([, session]) => session));

  test('middleware, guard, interceptor, pipe and handler', async () => {
    const browser = app().client();
    expect((await browser.get('/see')).body).toBe('middleware');
    expect(who()).toEqual([
      ...BEFORE,
      'pipe',
      'our @Session()',
      "Nest's @Session()",
      '@Req()',
      'interceptor afterwards',
    ]);
    expect(sessions().size).toBe(1);

    await browser.get('/see');

    expect(sessions().size).toBe(2);
  });

  test('an exception filter', async () => {
    const reply = await app().client().get('/fail');
    expect([reply.status, reply.body]).toEqual([418, 'caught']);
    expect(who()).toEqual([...BEFORE, 'interceptor afterwards', 'filter']);
    expect(sessions().size).toBe(1);
    expect(reply.cookies).toHaveLength(1);
  });

  test('middleware of other modules where there is no route', async () => {
    const reply = await app().client().get('/nowhere');
    expect([reply.status, who()]).toEqual([404, ['middleware']]);
    expect(reply.cookies).toHaveLength(1);
  });
});
