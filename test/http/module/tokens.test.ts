// Tokens that open nothing: who brings one is a new visitor, no worse and no better than one who brings none.
import { describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { TestClock } from '../../../lib/testing/index.js';
import { recordCommands } from './support/commands.js';
import { NotesController } from './support/notes.controller.js';

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

const HANDLE_LETTERS = 16;

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const clock = new TestClock();
  const app = sharedApp(() => ({
    platform,
    sessions: { collection, db, clock, idleTimeout: '10m', absoluteTimeout: '1h' },
    controllers: [NotesController],
  }));

  /** Someone with a session, and how many there are. */
  async function visitor() {
    const browser = app().client();
    await browser.get('/write?key=cart&value=apples');
    const count = await db.collection(collection).countDocuments();
    commands.on(collection);
    return { browser, count, token: browser.jar.get('id')! };
  }

  test.each([
    ['an unknown token', () => formatToken(createToken(clock.now())), ['find']],
    ["another secret with a session's handle", (token: string) => mix(token, formatToken(createToken(1))), ['find']],
    ["a session's secret with another handle", (token: string) => mix(formatToken(createToken(1)), token), ['find']],
    ['an empty one', () => '', []],
    ['half of one', (token: string) => token.slice(0, 30), []],
    ['one in capitals', (token: string) => `${token.slice(0, -1).toUpperCase()}*`, []],
    ["a session's public handle", (token: string) => handleOf(token), []],
    ["a session's public id", (token: string) => `${handleOf(token)}.0`, []],
  ])('%s opens nothing', async (_, tokenFrom, sent) => {
    const { browser, count, token } = await visitor();
    const wrong = tokenFrom(token);
    const stranger = app().client();
    stranger.jar.set('id', wrong);

    const reply = await stranger.get('/read');

    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{}', []]);
    expect(commands.on(collection)).toEqual(sent);
    expect(await db.collection(collection).countDocuments()).toBe(count);

    const { cookies } = await stranger.get('/write?key=cart&value=pears');

    expect(cookies).toHaveLength(1);
    const given = stranger.jar.get('id')!;
    expect(given).not.toBe(wrong);
    expect(given.slice(0, HANDLE_LETTERS)).not.toBe(wrong.slice(0, HANDLE_LETTERS));
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
  });

  test('a session expires when it is not used, and at the latest when its time is over', async () => {
    const { browser } = await visitor();
    const idle = (await visitor()).browser;
    for (let minutes = 0; minutes < 54; minutes += 9) {
      expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
      clock.advance(9 * 60_000);
    }
    expect((await idle.get('/read')).body).toBe('{}');
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
    clock.advance(6 * 60_000);
    expect((await browser.get('/read')).body).toBe('{}');
  });

  test('an expired token gives way to a new one, of another session', async () => {
    const { browser, token } = await visitor();
    clock.advance(10 * 60_000 + 1);
    expect((await browser.get('/write?key=cart&value=pears')).cookies).toHaveLength(1);
    expect(browser.jar.get('id')!.slice(0, HANDLE_LETTERS)).not.toBe(token.slice(0, HANDLE_LETTERS));
    expect((await browser.get('/read')).body).toBe('{"cart":"pears"}');
  });
});

function mix(handleOfThis: string, secretOfThis: string): string {
  return handleOfThis.slice(0, HANDLE_LETTERS) + secretOfThis.slice(HANDLE_LETTERS);
}

function handleOf(token: string): string {
  return Buffer.from(token, 'base64url').subarray(0, 12).toString('hex');
}
