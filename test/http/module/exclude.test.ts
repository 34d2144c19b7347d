// Paths without a session: no read, a clear error for who asks for it, and no way to reach another route without its session.
import { Controller, Get } from '@nestjs/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { Session } from '../../../lib/index.js';
import { type Notes, PLATFORMS, recordCommands, sharedApp, testDatabase } from '../../support/http.js';

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

let accounts: string[] = [];
beforeEach(() => {
  accounts = [];
});

@Controller()
class ShopController {
  @Get('login')
  login(@Session() session: Notes): void {
    session['user'] = 'ann';
  }

  @Get('assets/asks')
  asks(@Session() session: Notes) {
    return session;
  }

  @Get(['assets/:file', 'probe'])
  file() {
    return 'a file';
  }

  /** Whatever the address looked like: if this route answers, it has its session. */
  @Get(['account', 'account/:a', 'account/:a/:b'])
  account(@Session<{ user: string }>('user') user: string) {
    accounts.push(user);
    return user;
  }
}

const NO_READ: [what: string, path: string][] = [
  ['a pattern with a star', '/assets/logo.png'],
  ['a query', '/assets/logo.png?user=ann'],
  ['an escaped letter', '/%61ssets/logo.png'],
  ['an escaped letter in the star', '/assets/%6Cogo.png'],
  ['a regular expression', '/probe'],
  ['a regular expression once more', '/probe'],
  ['a regular expression and a query', '/probe?user=ann'],
  ['a whole address', 'http://localhost/assets/logo.png'],
];

/** Routers may take these for an asset; the pattern does not, which costs a read and no more. */
const READ: [what: string, path: string][] = [
  ['capitals', '/ASSETS/logo.png'],
  ['two slashes', '//assets/logo.png'],
  ['an escaped slash', '/assets%2flogo.png'],
  ['a pattern in the query', '/account?/assets/'],
  ['a pattern behind the path', '/account/assets/'],
  ['a pattern behind another one', '/x/assets/logo.png'],
  ['a pattern without its slash', '/assets'],
  ['the beginning of a whole path', '/probes'],
];

/** Meant to look excluded while the router sends them to the account. */
const BYPASSES = [
  ...['/assets/../account', '/assets/%2e%2e/account', '/assets/..%2faccount', '/assets/..\\account'],
  ...['/account?/assets/', '/account?x=/assets/a', '/account#/assets/a', '/account;/assets/a', '/account/assets/a'],
  ...['/account%3f/assets/a', '/account%23/assets/a', '/account%00/assets/a', '/account%2f..%2fassets/a'],
  ...[
    '//assets/account',
    '/\\assets/a/../../account',
    '/./account',
    '/account/',
    '/account//',
    '/ACCOUNT',
    '/%61ccount',
  ],
  ...['http://assets/account', 'http://x/assets/../account', 'HTTP://host/account', 'http://host/assets/a?/account'],
  ...['/account/%2e%2e/assets/a', '/account/../assets/a', '/assets/%', '/%61ssets/%2561/account', '/account?probe'],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const app = sharedApp(() => ({
    platform,
    sessions: { collection, db, exclude: ['/assets/*', /^\/probe$/g] },
    controllers: [ShopController],
  }));
  async function ann() {
    const browser = app().client();
    await browser.get('/login');
    commands.on(collection);
    return browser;
  }

  test.each(NO_READ)('nothing is read for %s', async (_, path) => {
    const browser = await ann();
    const reply = await browser.get(path);
    expect(commands.on(collection)).toEqual([]);
    // Express takes an escaped letter for another path.
    expect(reply.body).toMatch(path.includes('%61') ? /^a file$|Cannot GET/ : /^a file$/);
  });

  test.each(READ)('the session is read for %s', async (_, path) => {
    const browser = await ann();
    await browser.get(path);
    expect(commands.on(collection)).toEqual(['find']);
  });

  test('who asks for the session there is told why there is none', async () => {
    const browser = await ann();
    const reply = await browser.get('/assets/asks');
    expect([reply.status, reply.body, commands.on(collection)]).toEqual([
      500,
      '{"statusCode":500,"message":"Internal server error"}',
      [],
    ]);
    expect(app().log.lines.join('\n')).toMatch(/option `exclude` has '\/assets\/\*', which matches this path/);
  });

  test.each(BYPASSES)('the account is never reached without its session by %s', async (path) => {
    const browser = await ann();
    const reply = await browser.get(path);
    expect(accounts.filter((user) => user !== 'ann')).toEqual([]);
    expect(reply.body === 'ann').toBe(accounts.length === 1);
  });

  test('the account is reached at all', async () => {
    const browser = await ann();
    expect((await browser.get('/account')).body).toBe('ann');
    expect((await browser.get('/account/x?y')).body).toBe('ann');
  });
});
