// Signed cookies: what was not signed here costs the database nothing, and a new key logs nobody out.
import { createHmac } from 'node:crypto';
import type mongoose from 'mongoose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { type World, startWorld, tokenIn, withCookie } from './support/world.js';

const [OLD, NEW, OTHER] = ['old key '.repeat(5), 'new key '.repeat(5), 'foreign key '.repeat(5)] as const;
const database = testDatabase({ monitorCommands: true });
const inMongo = { db: database.db, collection: 'sessions' };
const commands: string[] = [];
const record = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) => {
  if (command[commandName] === 'sessions' && !commandName.endsWith('ndexes')) commands.push(commandName);
};
database.client.on('commandStarted', record);
afterAll(() => void database.client.off('commandStarted', record));
beforeEach(() => void (commands.length = 0));

const signed = (token: string, key: string) =>
  `${token}.${createHmac('sha256', key).update(`default\0${token}`).digest('base64url')}`;

describe.each(PLATFORMS)('with secrets, on %s,', (platform) => {
  test('a cookie is the token, a dot and its HMAC-SHA256 by the newest key', async () => {
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    const browser = await world.browserWith();
    const value = browser.jar.get('id')!;
    expect(value).toMatch(/^[\w-]{59}\.[\w-]{43}$/);
    expect(value).toBe(signed(value.slice(0, 59), NEW));
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('what was not signed with one of the keys never reaches the database', async () => {
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    const browser = await world.browserWith();
    const value = browser.jar.get('id')!;
    const [token = '', signature = ''] = value.split('.');
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const other = (await world.browserWith()).jar.get('id')!;
    const forged = {
      'without a signature': token,
      'with an empty signature': `${token}.`,
      'with a foreign key': signed(token, OTHER),
      'with one digit changed': `${token}.${flipped}`,
      'with the signature of another token': `${token}.${other.split('.')[1]}`,
      'with a longer signature': `${value}A`,
      'with a shorter signature': value.slice(0, -1),
      'with the signature twice': `${value}.${signature}`,
      'with the parts exchanged': `${signature}.${token}`,
      'with its last digit written in another way': `${token}.${signature.slice(0, -1)}${nextDigit(signature.at(-1)!)}`,
      'as express-session writes it': `s%3A${token}.${signature}`,
    };
    commands.length = 0;
    world.events.length = 0;
    for (const [name, cookie] of Object.entries(forged))
      expect(await world.dataOf(withCookie(browser, cookie)), name).toEqual({});
    expect(commands).toEqual([]);
    expect(world.eventTypes()).toEqual(Object.keys(forged).map(() => 'rejected: malformed'));
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
    expect(commands).toEqual(['find']);
  });

  test('a cookie that an old key has signed opens its session, and is signed anew with the next answer, once', async () => {
    const before = await startWorld(platform, { ...inMongo, secrets: [OLD] });
    const old = await before.browserWith();
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    const browser = moved(old, world);
    commands.length = 0;

    const reply = await world.visit(browser);

    const token = old.jar.get('id')!.slice(0, 59);
    expect(tokenIn(reply)).toBe(signed(token, NEW));
    expect(reply.cookies).toEqual([`id=${signed(token, NEW)}; Path=/; HttpOnly; SameSite=Lax`]);
    expect(reply.headers['cache-control']).toBe('private, no-store');
    expect(commands).toEqual(['find', 'update']);
    const next = await world.visit(browser, ({ session }) => ({ ...session }));
    expect([next.body, next.cookies]).toEqual(['{"a":1}', []]);

    // The old key can go now, and takes nobody with it but those who have not been here since.
    const after = await startWorld(platform, { ...inMongo, secrets: [NEW] });
    expect(await after.isAlive(moved(browser, after))).toBe(true);
    expect(await after.isAlive(moved(old, after))).toBe(false);
  });

  test('a permanent session is signed anew with the lifetime that it has', async () => {
    const before = await startWorld(platform, { ...inMongo, secrets: [OLD] });
    const old = await before.browserWith({ a: 1, permanent: 3_600_000 });
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    const reply = await world.visit(moved(old, world));
    expect(reply.cookies).toEqual([expect.stringContaining('; Max-Age=3600;')]);
  });

  test('a cookie that is signed anew never comes in place of the one of a login meanwhile', async () => {
    const before = await startWorld(platform, { ...inMongo, secrets: [OLD] });
    const old = await before.browserWith();
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    for (const handle of [() => 'seen', ({ session }: { session: object }) => void Object.assign(session, { b: 1 })]) {
      const late = await world.begin(moved(old, world), handle);
      const browser = moved(old, world);
      await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
      expect((await late.end()).cookies).toEqual([]);
      old.jar.set('id', signed(browser.jar.get('id')!.slice(0, 59), OLD));
    }
    const destroyed = await world.visit(moved(old, world), ({ session }) => session.logout());
    expect(destroyed.cookies).toEqual([expect.stringMatching(/^id=; Max-Age=0/)]);
  });

  test('unsigned cookies from before the first key open nothing any more', async () => {
    const before = await startWorld(platform, inMongo);
    const old = await before.browserWith();
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW] });
    expect(await world.isAlive(moved(old, world))).toBe(false);
  });

  test.each<[name: string, secrets: unknown]>([
    ['no array', 'key'.repeat(20)],
    ['a short text', ['x'.repeat(31)]],
    ['few bytes', [new Uint8Array(15)]],
    ['a number', [42]],
    ['a short one behind a good one', [NEW, 'short']],
  ])('%s stops the start, and no part of a key is in the error', async (_, secrets) => {
    const error = await startWorld(platform, { secrets: secrets as string[] }).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'SESSION_OPTION_INVALID', message: expect.stringMatching(/option `secrets/) });
    expect(error!.message).not.toMatch(/keykey|xxx|short"|42|new key/);
  });
});

/** The browser with its cookies at another app. */
function moved({ jar }: HttpClient, world: World): HttpClient {
  return withCookie(world.client(), jar.get('id')!);
}

/** The digit of base64url that differs in the last bit only, which decoding drops. */
function nextDigit(digit: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return digits[digits.indexOf(digit) ^ 1]!;
}
