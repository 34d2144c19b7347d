// Messages for the next page, over sockets: `flash(session, key, message)` and `flash(session, key)`.
import { Controller, Get, Query, Redirect } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { flash, Session, type SessionObject } from '../../lib/index.js';
import { type HttpClient, recordCommands, sharedApp, testDatabase } from '../support/http.js';
import { ENCRYPTION_CASES } from '../support/encryption-cases.js';

type Data = SessionObject<Record<string, unknown>>;

@Controller()
class Pages {
  @Get('save')
  @Redirect('/page', 303)
  async save(@Session() session: Data, @Query('say') say: string) {
    await flash(session, 'notice', say);
  }

  @Get('page') page(@Session() session: Data) {
    return flash<string>(session, 'notice');
  }

  @Get('both') async both(@Session() session: Data) {
    await flash(session, 'notice', { text: 'one', at: new Date(0) });
    await flash(session, 'notice', null);
    await flash(session, 'warning', 'other');
    const [one, ...more] = await flash<{ at: Date } | null>(session, 'notice');
    return [one?.at instanceof Date, more, await flash(session, 'notice'), await flash(session, 'warning')];
  }

  @Get('set') set(@Session() session: Data, @Query('a') a: string) {
    session['a'] = a;
  }

  @Get('slip') async slip(@Session() session: Data) {
    const nothing = undefined as unknown as string;
    return { code: await flash(session, 'notice', nothing).catch((error: { code: string }) => error.code) };
  }

  @Get('login') async login(@Session() session: Data, @Query('keep') keep?: string, @Query('say') say?: string) {
    await session.login('ada', keep ? { keep: keep === 'true' || [keep] } : {});
    if (say) await flash(session, 'notice', say);
  }

  @Get('leave')
  @Redirect('/page', 303)
  async leave(@Session() session: Data) {
    await session.regenerate();
    await flash(session, 'notice', 'Goodbye');
  }

  @Get('logout') async logout(@Session() session: Data) {
    await session.logout();
    const code = await flash(session, 'notice', 'late').catch((error: { code: string }) => error.code);
    return { code, read: await flash(session, 'notice') };
  }

  @Get('whose') whose(@Session() session: Data) {
    return { user: session.userId ?? null };
  }

  @Get('show') show(@Session() session: Data) {
    return { ...session };
  }
}

describe.each(ENCRYPTION_CASES)('flash messages on %s, %s', (platform, kind, encryption) => {
  const { client: mongo, db } = testDatabase({ monitorCommands: true });
  const commands = recordCommands(mongo);
  const collection = `sessions_${platform}_${kind}`;
  const app = sharedApp(() => ({
    platform,
    controllers: [Pages],
    sessions: { db, collection, ...(encryption && { encryption }) },
  }));

  async function page(client: HttpClient): Promise<string[]> {
    const { status, body } = await client.get('/page');
    expect(status).toBe(200);
    return JSON.parse(body) as string[];
  }

  test('are there behind the redirect, in their order, and once', async () => {
    const client = app().client();
    const { status, headers, cookies } = await client.get('/save?say=one');
    expect([status, headers.location, cookies.length]).toEqual([303, '/page', 1]);
    await client.get('/save?say=two');
    expect(await page(client)).toEqual(['one', 'two']);
    expect(await page(client)).toEqual([]);
  });

  test('that are not there begin no session, write nothing, and cost nothing', async () => {
    const client = app().client();
    commands.on(collection);
    expect(await page(client)).toEqual([]);
    expect([client.jar.size, commands.on(collection)]).toEqual([0, []]);
    await client.get('/set?a=1');
    commands.on(collection);
    expect(await page(client)).toEqual([]);
    expect(commands.on(collection)).toEqual(['find']);
  });

  test('are any values, and apart from those of other keys', async () => {
    const client = app().client();
    expect(JSON.parse((await client.get('/both')).body)).toEqual([true, [null], [], ['other']]);
  });

  test('that are the last of a session end it when they are read', async () => {
    const client = app().client();
    await client.get('/save?say=only');
    const { body, cookies } = await client.get('/page');
    expect([body, cookies]).toEqual(['["only"]', [expect.stringContaining('Max-Age=0')]]);
    expect(client.jar.size).toBe(0);
  });

  test('are data of the session, beside the others', async () => {
    const client = app().client();
    await client.get('/set?a=1');
    await client.get('/save?say=x');
    expect(JSON.parse((await client.get('/show')).body)).toEqual({ a: '1', 'flash:notice': ['x'] });
    expect(await page(client)).toEqual(['x']);
    expect(JSON.parse((await client.get('/show')).body)).toEqual({ a: '1' });
  });

  test('of parallel requests are all kept, and each is read once', async () => {
    const client = app().client();
    await client.get('/set?a=1');
    const said = Array.from({ length: 24 }, (_, index) => `${index}`);
    const leave = async (say: string) => expect((await client.get(`/save?say=${say}`)).status).toBe(303);
    const pages: string[][] = [];
    const see = async () => void pages.push(await page(client));
    await Promise.all(said.flatMap((say, index) => [leave(say), ...(index % 2 ? [see()] : [])]));
    await see();
    const read = pages.flat();
    expect(read.map(Number).toSorted((a, b) => a - b)).toEqual(said.map(Number));
    expect(await page(client)).toEqual([]);
  });

  test('that several ask for at once are got by one of them', async () => {
    const client = app().client();
    await client.get('/set?a=1');
    await client.get('/save?say=x');
    await client.get('/save?say=y');
    const pages = await Promise.all(Array.from({ length: 8 }, () => page(client)));
    expect(pages.filter((messages) => messages.length > 0)).toEqual([['x', 'y']]);
  });

  test('are not read, nor written, by a slip of the pen', async () => {
    const client = app().client();
    await client.get('/save?say=x');
    expect((await client.get('/slip')).body).toBe('{"code":"SESSION_VALUE_REFUSED"}');
    expect(await page(client)).toEqual(['x']);
  });

  test.each([
    ['nothing', '', []],
    ['everything', '?keep=true', ['before']],
    ['that key', '?keep=flash:notice', ['before']],
    ['another key', '?keep=a', []],
  ])('from before a login that keeps %s', async (_, query, left) => {
    const client = app().client();
    await client.get('/set?a=1');
    await client.get('/save?say=before');
    await client.get(`/login${query}`);
    expect(await page(client)).toEqual(left);
  });

  test('of a login are there on the page behind it', async () => {
    const client = app().client();
    await client.get('/login?say=Welcome');
    expect(await page(client)).toEqual(['Welcome']);
    expect(await page(client)).toEqual([]);
  });

  test('of a logout by regenerate() are there on the page behind it, and nobody is logged in', async () => {
    const client = app().client();
    await client.get('/login');
    await client.get('/leave');
    expect((await client.get('/whose')).body).toBe('{"user":null}');
    expect(await page(client)).toEqual(['Goodbye']);
  });

  test('of a session that has ended are refused, and none are there', async () => {
    const client = app().client();
    await client.get('/login');
    expect(JSON.parse((await client.get('/logout')).body)).toEqual({ code: 'SESSION_INTERRUPTED', read: [] });
  });
});
