// A client that gets a 503 is told when to come again, whoever writes the response.
import { type ArgumentsHost, Catch, Controller, Get, Header, Query, UseFilters } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, SessionError, SessionException, type SessionObject } from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';

type Notes = SessionObject<{ note?: string; big?: string }>;

class AwayStore extends MemorySessionStore {
  code: 'SESSION_STORE_UNAVAILABLE' | 'SESSION_STORE_FAILED' | undefined;

  override async find(handle: string) {
    this.#check();
    return super.find(handle);
  }

  override async insert(...args: Parameters<MemorySessionStore['insert']>) {
    this.#check();
    return super.insert(...args);
  }

  override async update(...args: Parameters<MemorySessionStore['update']>) {
    this.#check();
    return super.update(...args);
  }

  #check(): void {
    if (this.code) throw new SessionError(this.code, 'MongoDB is away. Check that it runs.');
  }
}

interface AnyResponse {
  status(status: number): { send(body: unknown): void };
}

/** A page of the app's own in place of our JSON. */
@Catch(SessionException)
class PageFilter implements ExceptionFilter<SessionException> {
  catch(error: SessionException, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<AnyResponse>().status(error.getStatus()).send('Come again.');
  }
}

@Controller()
class NotesController {
  @Get('write') write(@Session() session: Notes, @Query('note') note: string): void {
    session.note = note;
  }

  @Get('save') async save(@Session() session: Notes) {
    session.note = 'saved';
    await session.save();
  }

  @Get('page')
  @UseFilters(PageFilter)
  page(@Session() session: Notes) {
    return session.note;
  }

  @Get('own')
  @Header('Retry-After', '60')
  own(@Session() session: Notes): void {
    session.note = 'own';
  }

  @Get('careful') async careful(@Session() session: Notes) {
    session.note = 'careful';
    try {
      await session.save();
    } catch {
      delete session.note;
      return 'done without';
    }
    return 'done';
  }

  @Get('too-large') tooLarge(@Session() session: Notes): void {
    session.big = 'x'.repeat(2 ** 21);
  }
}

describe.each(PLATFORMS)('A13: Retry-After on %s', (platform) => {
  async function visitor() {
    const store = new AwayStore();
    const app = await startApp({ platform, sessions: { store }, controllers: [NotesController] });
    const known = app.client();
    await known.get('/write?note=first');
    return { store, known, stranger: app.client() };
  }

  test.each([
    ['a session can not be read', 'known', '/write?note=second', 'SESSION_STORE_UNAVAILABLE', '5'],
    ['a session can not be read, for a page of the app', 'known', '/page', 'SESSION_STORE_UNAVAILABLE', '5'],
    ['a session can not be read for another reason', 'known', '/write?note=second', 'SESSION_STORE_FAILED', '5'],
    [
      'a session can not be saved before the response',
      'stranger',
      '/write?note=second',
      'SESSION_STORE_UNAVAILABLE',
      '5',
    ],
    ['save() fails', 'stranger', '/save', 'SESSION_STORE_UNAVAILABLE', '5'],
  ] as const)('is with the 503 when %s', async (_when, who, path, code, seconds) => {
    const { store, ...browsers } = await visitor();
    store.code = code;
    const { status, headers } = await browsers[who].get(path);
    expect([status, headers['retry-after']]).toEqual([503, seconds]);
  });

  test.each([
    ['a response that is none of ours', 'stranger', '/careful', 200],
    ['another failure', 'known', '/too-large', 413],
  ] as const)('is not with %s', async (_what, who, path, status) => {
    const { store, ...browsers } = await visitor();
    if (who === 'stranger') store.code = 'SESSION_STORE_UNAVAILABLE';
    const reply = await browsers[who].get(path);
    expect([reply.status, reply.headers['retry-after']]).toEqual([status, undefined]);
  });

  test('is what the app says, if it says something', async () => {
    const { store, known } = await visitor();
    store.code = 'SESSION_STORE_UNAVAILABLE';
    const { status, headers } = await known.get('/own');
    expect([status, headers['retry-after']]).toEqual([503, '60']);
  });
});
