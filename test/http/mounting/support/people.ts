// An app that knows who is there, and an exception filter that looks, as apps have it that log it with an error.
import { type ArgumentsHost, Body, Catch, Controller, Get, HttpException, Post, Query, Req } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { MemorySessionStore, Session, type SessionObject } from '../../../../lib/index.js';
import { type AppOptions, type Platform, startApp } from '../../../support/http.js';

export type Person = SessionObject<{ who?: string }>;
export interface AnyRequest {
  session?: Person;
  secure?: boolean;
}
interface AnyResponse {
  status(status: number): { send(body: unknown): void };
}
export type Next = (error?: unknown) => void;

/** What an app logs with an error: who has met it. Not careful, for MongoDB is never away. */
@Catch()
class WhoFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<AnyRequest>();
    // What a body parser throws is no exception of Nest.
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode: number }).statusCode;
    host.switchToHttp().getResponse<AnyResponse>().status(status).send({ status, who: request.session!.who });
  }
}

@Controller()
export class PeopleController {
  @Get('login') login(@Session() session: Person, @Query('who') who: string): void {
    session.who = who;
  }

  @Get('who') who(@Session() session: Person) {
    return { who: session.who };
  }

  @Get('request-session') requestSession(@Req() { session }: { session?: { who?: string; id?: unknown } }) {
    return { who: session?.who, id: typeof session?.id };
  }

  @Post('body') body(@Body() body: unknown) {
    return body;
  }
}

export const filters = [{ provide: APP_FILTER, useClass: WhoFilter }];

export const startPeople = (platform: Platform, options: Partial<AppOptions> = {}) =>
  startApp({ platform, controllers: [PeopleController], sessions: { store: new MemorySessionStore() }, ...options });

/** Somebody who is known to the app. */
export async function ann(platform: Platform, options: Partial<AppOptions> = {}) {
  const app = await startPeople(platform, options);
  const browser = app.client();
  await browser.get('/login?who=ann');
  return { app, browser };
}
