// An app with `ambient: true`, whose services never see a request.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  Post,
  Req,
  Res,
  Sse,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { concatMap, from, map } from 'rxjs';
import {
  CurrentSession,
  getCurrentSessionToken,
  getSessionsToken,
  MemorySessionStore,
  MongoSessions,
  Session,
  type SessionObject,
} from '../../../../lib/index.js';
import { type AnyResponse, type AppOptions, type Platform, startApp, takeRaw } from '../../../support/http.js';

interface Data {
  mark?: string;
}

@Injectable()
export class MarkService {
  constructor(
    readonly current: CurrentSession<Data>,
    @Inject(getCurrentSessionToken('admin')) readonly admins: CurrentSession<Data>,
  ) {}

  mark(text: string) {
    this.current.session.mark = text;
    return text;
  }

  async read() {
    await new Promise(setImmediate);
    return this.current.session.mark;
  }
}

@Injectable()
class Guard implements CanActivate {
  constructor(private readonly service: MarkService) {}

  canActivate(): boolean {
    this.service.mark('by the guard');
    return true;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  constructor(private readonly service: MarkService) {}

  intercept(_context: ExecutionContext, next: CallHandler) {
    return next
      .handle()
      .pipe(concatMap((body) => from(this.service.read().then((mark) => `${String(body)}, ${mark}`))));
  }
}

@Catch()
class Filter implements ExceptionFilter {
  constructor(private readonly service: MarkService) {}

  catch(error: { getStatus?(): number; message: string }, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<AnyResponse>();
    const found = this.#found();
    const status = error.getStatus?.() ?? 500;
    const reply = response as unknown as { status(code: number): { send(body: object): void } };
    reply.status(status).send({ found, message: error.message });
  }

  #found(): string {
    try {
      return this.service.current.session.mark ?? 'nothing';
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
}

/** Runs a function in no request's context. */
export const outside = AsyncLocalStorage.snapshot();

export interface Hooks {
  addHook(name: string, hook: unknown): void;
}

/** What a handler leaves running. */
export const leftovers: NodeJS.Timeout[] = [];
export let kept: WeakRef<object> | undefined;

@Controller('ambient')
class AmbientController {
  constructor(
    private readonly service: MarkService,
    private readonly sessions: MongoSessions,
    @Inject(getSessionsToken('admin')) private readonly admins: MongoSessions,
  ) {}

  @Get('set/:text')
  set(@Session() session: SessionObject<Data>) {
    this.service.mark('set');
    return { isSame: session === this.service.current.session };
  }

  @Post('body')
  async body(@Body() body: { text: string; wait?: number }) {
    this.service.mark(body.text);
    await sleep(body.wait ?? 0);
    return this.service.read();
  }

  @UseGuards(Guard)
  @UseInterceptors(Interceptor)
  @Get('guarded')
  guarded() {
    return this.service.read();
  }

  @Get('fails')
  fails() {
    this.service.mark('before it failed');
    throw new Error('on purpose');
  }

  @Get('response')
  async response(@Res() response: AnyResponse) {
    const raw = takeRaw(response);
    await new Promise(setImmediate);
    raw.write('found ');
    await new Promise(setImmediate);
    raw.end(await this.service.read());
  }

  @Sse('events')
  events() {
    return from([1, 2]).pipe(
      concatMap(() => from(this.service.read())),
      map((data) => ({ data: String(data) })),
    );
  }

  @Get('both')
  async both(@Req() request: object) {
    return {
      own: (await this.sessions.from(request)) === this.service.current.session,
      admin: ((await this.admins.from(request)) as object) === this.service.admins.session,
    };
  }

  /** In a context that knows of no request, as that of a socket's message. */
  @Get('run')
  async run(@Req() request: object) {
    const { current, admins } = this.service;
    const admin = await this.admins.from(request);
    const inside = await outside(() => current.run(request, () => this.service.read()));
    const nested = await outside(() => current.run(request, () => current.run(request, () => current.session.mark)));
    const other = await outside(() => admins.run(request, () => current.run(request, () => admins.session)));
    const left = outside(() => {
      try {
        return current.session.mark;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    if (left !== 'SESSION_NO_CONTEXT') return 'the outside is inside';
    return `${inside}, ${nested}, ${(other as object) === admin ? 'the admin’s' : 'another'}`;
  }

  @Get('leaves-a-timer')
  leave(@Req() request: { raw?: object }) {
    leftovers.push(setInterval(() => {}, 60_000));
    kept = new WeakRef(request.raw ?? request);
    return this.service.read();
  }
}

export const start = (platform: Platform, ambient = true, configure: AppOptions['configure'] = () => {}) =>
  startApp({
    platform,
    configure,
    controllers: [AmbientController],
    providers: [MarkService, Guard, Interceptor, { provide: APP_FILTER, useClass: Filter }],
    sessions: [
      { store: new MemorySessionStore(), ambient },
      { name: 'admin', store: new MemorySessionStore() },
    ],
  });
