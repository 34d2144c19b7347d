// Signed cookies: what was not signed here costs the database nothing, and a new key logs nobody out.
import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type HttpClient, PLATFORMS, recordCommands, testDatabase } from '../../support/http.js';
import { type Handle, startWith, startWorld, tokenIn, tokenOf, withCookie } from '../../support/world.js';

const [OLD, NEW, OTHER] = ['old key '.repeat(5), 'new key '.repeat(5), 'foreign key '.repeat(5)] as const;
const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);
const inMongo = { db, collection: 'sessions' };
beforeEach(() => void commands.on('sessions'));

const signed = (token: string, key: string) =>
  `${token}.${createHmac('sha256', key).update(`default\0${token}`).digest('base64url')}`;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe.each(PLATFORMS)('with secrets, on %s,', (platform) => {
  /** A browser of an app with the old key, and an app with both of them. */
  async function afterChange(data?: object) {
    const { browser: old } = await startWith(platform, { ...inMongo, secrets: [OLD] }, data);
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW, OLD] });
    commands.on('sessions');
    return { world, old };
  }

  test('what was not signed with one of the keys never reaches the database', async () => {
    const { world, browser } = await startWith(platform, { ...inMongo, secrets: [NEW, OLD] });
    const value = tokenOf(browser);
    const [token = '', signature = ''] = value.split('.');
    expect(value).toBe(signed(token, NEW));
    const other = tokenOf(await world.browserWith());
    // The digit of base64url that differs in the last bit only, which decoding drops.
    const last = DIGITS[DIGITS.indexOf(signature.at(-1)!) ^ 1]!;
    const forged = {
      'without a signature': token,
      'with an empty signature': `${token}.`,
      'with a foreign key': signed(token, OTHER),
      'with one digit changed': `${token}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      'with the signature of another token': `${token}.${other.split('.')[1]}`,
      'with a longer signature': `${value}A`,
      'with a shorter signature': value.slice(0, -1),
      'with the signature twice': `${value}.${signature}`,
      'with the parts exchanged': `${signature}.${token}`,
      'with its last digit written in another way': `${token}.${signature.slice(0, -1)}${last}`,
      'as express-session writes it': `s%3A${token}.${signature}`,
    };
    commands.on('sessions');
    world.events.length = 0;
    for (const [name, cookie] of Object.entries(forged))
      expect(await world.dataOf(withCookie(browser, cookie)), name).toEqual({});
    expect(commands.on('sessions')).toEqual([]);
    expect(world.eventTypes()).toEqual(Object.keys(forged).map(() => 'rejected: malformed'));
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
    expect(commands.on('sessions')).toEqual(['find']);
  });

  test('a cookie that an old key has signed opens its session, and is signed anew with the next answer, once', async () => {
    const { world, old } = await afterChange();
    const browser = world.client(old);
    const reply = await world.visit(browser);
    const token = tokenOf(old).slice(0, 59);
    expect(tokenIn(reply)).toBe(signed(token, NEW));
    expect(reply.cookies).toEqual([`id=${signed(token, NEW)}; Path=/; HttpOnly; SameSite=Lax`]);
    expect(reply.headers['cache-control']).toBe('private, no-store');
    expect(commands.on('sessions')).toEqual(['find', 'update']);
    const next = await world.visit(browser, ({ session }) => ({ ...session }));
    expect([next.body, next.cookies]).toEqual(['{"a":1}', []]);
    // The old key can go now, and takes nobody with it but those who have not been here since.
    const after = await startWorld(platform, { ...inMongo, secrets: [NEW] });
    const isAlive = (client_: HttpClient) => after.isAlive(after.client(client_));
    expect([await isAlive(browser), await isAlive(old)]).toEqual([true, false]);
  });

  test('a permanent session is signed anew with the lifetime that it has', async () => {
    const { world, old } = await afterChange({ a: 1, permanent: 3_600_000 });
    const reply = await world.visit(world.client(old));
    expect(reply.cookies).toEqual([expect.stringContaining('; Max-Age=3600;')]);
  });

  test('a cookie that is signed anew never comes in place of the one of a login meanwhile', async () => {
    const { world, old } = await afterChange();
    for (const handle of [() => 'seen', ({ session }) => void (session['b'] = 1)] satisfies Handle[]) {
      const late = await world.begin(world.client(old), handle);
      const browser = world.client(old);
      await world.visit(browser, ({ session }) => session.login('ada', { keep: true }));
      expect((await late.end()).cookies).toEqual([]);
      old.jar.set('id', signed(tokenOf(browser).slice(0, 59), OLD));
    }
    const destroyed = await world.visit(world.client(old), ({ session }) => session.logout());
    expect(destroyed.cookies).toEqual([expect.stringMatching(/^id=; Max-Age=0/)]);
  });

  test('unsigned cookies from before the first key open nothing any more', async () => {
    const { browser: old } = await startWith(platform, inMongo);
    const world = await startWorld(platform, { ...inMongo, secrets: [NEW] });
    expect(await world.isAlive(world.client(old))).toBe(false);
  });
});
