// A client that gets a 503 is told when to come again, whoever writes the response.
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, Get, Header, UseFilters } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session, SessionException, type SessionObject } from '../../../lib/index.js';
import { type Platform, PLATFORMS } from '../../support/http.js';
import { type Handle, route, startWorld } from '../../support/world.js';

type Notes = SessionObject<{ note?: string }>;

/** A page of the app's own in place of our JSON. */
@Catch(SessionException)
class PageFilter implements ExceptionFilter<SessionException> {
  catch(error: SessionException, host: ArgumentsHost): void {
    type Response = { status(status: number): { send(body: unknown): void } };
    host.switchToHttp().getResponse<Response>().status(error.getStatus()).send('Come again.');
  }
}

@Controller()
class PagesController {
  @Get('page') @UseFilters(PageFilter) page(@Session() session: Notes) {
    return session.note;
  }

  @Get('own') @Header('Retry-After', '60') own(@Session() session: Notes): void {
    session.note = 'own';
  }
}

const writing: Handle = ({ session }) => void (session['note'] = 'second');
const write = route(writing);
const save = route(async (visit) => {
  writing(visit);
  await visit.session.save();
});
const careful = route(async (visit) => {
  writing(visit);
  return visit.session.save().catch(() => {
    delete visit.session['note'];
    return 'done without';
  });
});
const tooLarge = route(({ session }) => void (session['big'] = 'x'.repeat(2 ** 21)));

describe.each(PLATFORMS)('A13: Retry-After on %s', (platform: Platform) => {
  async function start() {
    const world = await startWorld(platform, {}, { controllers: [PagesController] });
    return { store: world.store, known: await world.browserWith({ note: 'first' }), stranger: world.client() };
  }

  test.each([
    ['a session can not be read', 'known', write, 'SESSION_STORE_UNAVAILABLE', '5'],
    ['a session can not be read, for a page of the app', 'known', '/page', 'SESSION_STORE_UNAVAILABLE', '5'],
    ['a session can not be read for another reason', 'known', write, 'SESSION_STORE_FAILED', '5'],
    ['a session can not be saved before the response', 'stranger', write, 'SESSION_STORE_UNAVAILABLE', '5'],
    ['save() fails', 'stranger', save, 'SESSION_STORE_UNAVAILABLE', '5'],
    ['the app says another time', 'known', '/own', 'SESSION_STORE_UNAVAILABLE', '60'],
  ] as const)('is with the 503 when %s', async (_when, who, path, code, seconds) => {
    const { store, ...browsers } = await start();
    store.code = code;
    store.fail('find', 'insert', 'update');
    const { status, headers } = await browsers[who].get(path);
    expect([status, headers['retry-after']]).toEqual([503, seconds]);
  });

  test.each([
    ['a response that is none of ours', 'stranger', careful, 200],
    ['another failure', 'known', tooLarge, 413],
  ] as const)('is not with %s', async (_what, who, path, status) => {
    const { store, ...browsers } = await start();
    if (who === 'stranger') store.fail('insert');
    const reply = await browsers[who].get(path);
    expect([reply.status, reply.headers['retry-after']]).toEqual([status, undefined]);
  });
});
