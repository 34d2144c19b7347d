import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { Session, type SessionObject } from '../../../../lib/index.js';
import { type AnyResponse, rawOf } from '../../../support/http.js';

type Data = SessionObject<Record<string, unknown>>;

/** What an app knows of the request that it works for, without being given it. */
export const contextOfRequest = new AsyncLocalStorage<{ readonly path: string }>();

/** Visitors whose sessions are read and written at the same time. */
@Controller()
export class VisitorsController {
  @Get('begin') begin(@Session() session: Data, @Query('who') who: string): void {
    session['who'] = who;
    // There from the start: a new key is written by a command of its own, which checks the limits.
    session['value'] = 'none';
  }

  /** Adds keys with names of that length. */
  @Get('fill') fill(@Session() session: Data, @Query('keys') keys: string, @Query('length') length: string): void {
    for (let index = 0; index < Number(keys); index++) session[`${index}`.padEnd(Number(length), 'x')] = true;
  }

  @Get('clear') clear(@Session() session: Data): number {
    const keys = Object.keys(session);
    for (const key of keys) delete session[key];
    return keys.length;
  }

  @Get('read') read(@Session() session: Data): string {
    return String(session['who']);
  }

  @Get('write') write(@Session() session: Data, @Query('value') value: string): void {
    session['value'] = value;
  }

  /** Changes the session when its response has closed. */
  @Get('late') late(@Session() session: Data, @Res({ passthrough: true }) response: AnyResponse): void {
    rawOf(response).on('close', () => (session['late'] = true));
  }

  /** The context behind everything that this request waits for. */
  @Get('context') async context(@Session() session: Data): Promise<string> {
    await session.increment('views');
    await session.reload();
    return contextOfRequest.getStore()!.path;
  }

  /** Has nothing to do with the session. */
  @Get('plain') plain(): string {
    return 'plain';
  }
}
