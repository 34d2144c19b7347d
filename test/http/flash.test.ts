// Messages for the next page, over sockets: `flash(session, key, message)` and `flash(session, key)`.
import { describe, expect, test } from 'vitest';
import { flash } from '../../lib/index.js';
import { ENCRYPTION_CASES } from '../support/encryption-cases.js';
import { type HttpClient, recordCommands, testDatabase } from '../support/http.js';
import { type AnySession, type Handle, startWorld } from '../support/world.js';

const codeOf = (error: unknown) => (error as { code: string }).code;
const say =
  (message: string): Handle =>
  ({ session }) =>
    flash(session, 'notice', message);
const read: Handle = ({ session }) => flash(session, 'notice');

describe.each(ENCRYPTION_CASES)('flash messages on %s, %s', (platform, kind, encryption) => {
  const { client: mongo, db } = testDatabase({ monitorCommands: true });
  const commands = recordCommands(mongo);
  const collection = `sessions_${platform}_${kind}`;

  async function start(data?: object) {
    const world = await startWorld(platform, { db, collection, ...(encryption && { encryption }) });
    const browser = data ? await world.browserWith(data) : world.client();
    const page = (client: HttpClient = browser) => world.ask(client, read) as Promise<string[]>;
    return { world, browser, page };
  }

  test('are there behind a redirect, in their order, and once', async () => {
    const { world, browser, page } = await start();
    const redirect = world.route(async ({ session, response }) => {
      await flash(session, 'notice', 'one');
      if (response.raw) response.redirect('/page', 303);
      else response.redirect(303, '/page');
    }, 'raw');
    const { status, headers, cookies } = await browser.get(redirect);
    expect([status, headers.location, cookies.length]).toEqual([303, '/page', 1]);
    await world.visit(browser, say('two'));
    expect([await page(), await page()]).toEqual([['one', 'two'], []]);
  });

  test('that are not there begin no session, write nothing, and cost nothing', async () => {
    const { world, browser, page } = await start();
    commands.on(collection);
    expect(await page()).toEqual([]);
    expect([browser.jar.size, commands.on(collection)]).toEqual([0, []]);
    await world.visit(browser, ({ session }) => void (session['a'] = 1));
    commands.on(collection);
    expect([await page(), commands.on(collection)]).toEqual([[], ['find']]);
  });

  test('are any values, and apart from those of other keys', async () => {
    const { world, browser } = await start();
    const seen = await world.ask(browser, async ({ session }) => {
      await flash(session, 'notice', { text: 'one', at: new Date(0) });
      await flash(session, 'notice', null);
      await flash(session, 'warning', 'other');
      const [one, ...more] = await flash<{ at: Date } | null>(session, 'notice');
      return [one?.at instanceof Date, more, await flash(session, 'notice'), await flash(session, 'warning')];
    });
    expect(seen).toEqual([true, [null], [], ['other']]);
  });

  test('that are the last of a session end it when they are read', async () => {
    const { world, browser } = await start();
    await world.visit(browser, say('only'));
    const { body, cookies } = await world.visit(browser, read);
    expect([body, cookies]).toEqual(['["only"]', [expect.stringContaining('Max-Age=0')]]);
    expect(browser.jar.size).toBe(0);
  });

  test('are data of the session, beside the others', async () => {
    const { world, browser, page } = await start({ a: 1 });
    await world.visit(browser, say('x'));
    expect(await world.dataOf(browser)).toEqual({ a: 1, 'flash:notice': ['x'] });
    expect([await page(), await world.dataOf(browser)]).toEqual([['x'], { a: 1 }]);
  });

  test('of parallel requests are all kept, and each is read once', async () => {
    const { world, browser, page } = await start({ a: 1 });
    const said = Array.from({ length: 24 }, (_, index) => `${index}`);
    const leave = async (message: string) => expect((await world.visit(browser, say(message))).status).toBe(200);
    const pages: string[][] = [];
    const see = async () => void pages.push(await page());
    await Promise.all(said.flatMap((message, index) => [leave(message), ...(index % 2 ? [see()] : [])]));
    await see();
    expect(
      pages
        .flat()
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(said.map(Number));
    expect(await page()).toEqual([]);
  });

  test('that several ask for at once are got by one of them', async () => {
    const { world, browser, page } = await start({ a: 1 });
    await world.visit(browser, say('x'));
    await world.visit(browser, say('y'));
    const pages = await Promise.all(Array.from({ length: 8 }, () => page()));
    expect(pages.filter((messages) => messages.length > 0)).toEqual([['x', 'y']]);
  });

  test('are not read, nor written, by a slip of the pen', async () => {
    const { world, browser, page } = await start();
    await world.visit(browser, say('x'));
    const code = await world.ask(browser, (visit) => Promise.resolve(say(undefined as never)(visit)).catch(codeOf));
    expect([code, await page()]).toEqual(['SESSION_VALUE_REFUSED', ['x']]);
  });

  test.each([
    ['nothing', {}, []],
    ['everything', { keep: true }, ['before']],
    ['that key', { keep: ['flash:notice'] }, ['before']],
    ['another key', { keep: ['a'] }, []],
  ])('from before a login that keeps %s', async (_, options, left) => {
    const { world, browser, page } = await start({ a: 1 });
    await world.visit(browser, say('before'));
    await world.visit(browser, ({ session }) => session.login('ada', options));
    expect(await page()).toEqual(left);
  });

  test.each<[string, (session: AnySession) => Promise<void>]>([
    ['login()', (session) => session.login('ada')],
    ['regenerate(), which logs out', (session) => session.regenerate()],
  ])('of a %s are there on the page behind it, once', async (name, change) => {
    const { world, browser, page } = await start();
    await world.visit(browser, ({ session }) => session.login('eve'));
    await world.visit(browser, async ({ session }) => {
      await change(session);
      await flash(session, 'notice', 'Welcome');
    });
    expect(await world.userOf(browser)).toBe(name === 'login()' ? 'ada' : null);
    expect([await page(), await page()]).toEqual([['Welcome'], []]);
  });

  test('of a session that has ended are refused, and none are there', async () => {
    const { world, browser } = await start({ a: 1 });
    const seen = await world.ask(browser, async ({ session }) => {
      await session.logout();
      return [await flash(session, 'notice', 'late').catch(codeOf), await flash(session, 'notice')];
    });
    expect(seen).toEqual(['SESSION_ENDED', []]);
  });
});
