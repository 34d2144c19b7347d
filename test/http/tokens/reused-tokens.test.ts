// A replaced token that comes again: what is told, what becomes of the session, and what an old token is still good for.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { errorOf, type HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { SecretHasher, formatToken, parseToken } from '../../../lib/core/token/session-token.js';
import { handleOf, HOUR, MINUTE, startWith, startWorld, withCookie, type World } from '../../support/world.js';

const { db } = testDatabase();
const KEY = 'a signing key that is long enough';
const renewing = { renewAfter: '1h', renewGrace: '1m', idleTimeout: '3h', absoluteTimeout: '90d' } as const;

const PLACES: [string, () => SessionOptions][] = [
  ['in memory', () => ({})],
  ['in MongoDB', () => ({ db, collection: 'sessions' })],
  [
    'in MongoDB, encrypted and signed',
    () => ({
      db,
      collection: 'sealed',
      secrets: [KEY],
      encryption: { keys: [Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7))] },
    }),
  ],
];
const CASES = PLATFORMS.flatMap((platform) => PLACES.map(([place, options]) => [platform, place, options] as const));

afterEach(async () => {
  await db.collection('sessions').deleteMany({});
});

/** Renews a browser's token, and returns the one before. */
async function renew(world: World, browser: HttpClient): Promise<string> {
  const replaced = browser.jar.get('id')!;
  world.clock.advance(HOUR);
  await world.visit(browser);
  expect(browser.jar.get('id')).not.toBe(replaced);
  await world.visit(browser);
  return replaced;
}

describe.each(CASES)('A18: a replaced token after its grace, on %s %s', (platform, _, options) => {
  async function start(given: SessionOptions = {}) {
    const { world, browser } = await startWith(platform, { ...renewing, ...options(), ...given });
    return { world, browser };
  }

  test('is an event `reused` with its address, opens nothing, and harms nobody by default', async () => {
    const { world, browser } = await start();
    const replaced = await renew(world, browser);
    world.clock.advance(MINUTE);
    world.events.length = 0;
    const reply = await world.visit(withCookie(browser, replaced), ({ session }) => ({ isNew: session.isNew }));
    expect([reply.body, reply.cookies]).toEqual(['{"isNew":true}', []]);
    expect(world.events).toEqual([
      {
        type: 'reused',
        name: 'default',
        handle: handleOf(replaced),
        at: world.clock.now(),
        address: expect.stringMatching(/127\.0\.0\.1$/),
      },
    ]);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('is known also when the session has been renewed several times since, and while another one is on offer', async () => {
    const { world, browser } = await start();
    const replaced: string[] = [];
    for (let round = 0; round < 3; round++) replaced.push(await renew(world, browser));
    world.clock.advance(HOUR);
    await world.visit(browser.clone());
    world.events.length = 0;
    for (const token of replaced) expect(await world.isAlive(withCookie(browser, token))).toBe(false);
    expect(world.eventTypes()).toEqual(['reused', 'reused', 'reused']);
  });

  test("ends the session with onReusedToken: 'end', for a request that is under way too", async () => {
    const { world, browser } = await start({ onReusedToken: 'end' });
    const replaced = await renew(world, browser);
    world.clock.advance(MINUTE - 1);
    expect(await world.isAlive(withCookie(browser, replaced))).toBe(true);
    world.clock.advance(1);
    const held = await world.begin(browser, ({ session }) => void (session['b'] = 2));
    world.events.length = 0;
    expect(await world.isAlive(withCookie(browser, replaced))).toBe(false);
    expect(world.eventTypes()).toEqual(['reused', 'destroyed']);
    await held.end();
    expect(await world.isAlive(browser)).toBe(false);
  });

  test("with onReusedToken: 'end' opens nothing either by today's token behind it in the same header", async () => {
    const { world, browser } = await start({ onReusedToken: 'end' });
    const replaced = await renew(world, browser);
    world.clock.advance(MINUTE);
    const both = withCookie(browser, `${replaced}; id=${browser.jar.get('id')!}`);
    const reply = await world.visit(both, ({ session }) => ({ isNew: session.isNew }));
    expect([reply.body, await world.isAlive(browser)]).toEqual(['{"isNew":true}', false]);
  });

  test('is no reuse where a login, not a renewal, has replaced it', async () => {
    const { world, browser } = await start({ onReusedToken: 'end' });
    const replaced = browser.jar.get('id')!;
    await world.visit(browser, ({ session }) => session.login('ann'));
    world.clock.advance(HOUR);
    world.events.length = 0;
    expect(await world.isAlive(withCookie(browser, replaced))).toBe(false);
    expect(world.eventTypes()).toEqual(['rejected: secret']);
    expect(await world.isAlive(browser)).toBe(true);
  });

  test('ends nothing with a secret that was only guessed', async () => {
    const { world, browser } = await start({ onReusedToken: 'end', secrets: [] });
    const replaced = await renew(world, browser);
    world.clock.advance(MINUTE);
    const guessed = formatToken({ handle: handleOf(replaced), secret: new Uint8Array(32) });
    expect(await world.isAlive(withCookie(browser, guessed))).toBe(false);
    expect(await world.isAlive(browser)).toBe(true);
  });
});

describe.each(PLATFORMS)('A18: an old token and all that was ever written to the database, on %s', (platform) => {
  test.each([
    ['with signing keys give no newer token', [KEY], false],
    // Said in docs/: without a key the new token follows from these two.
    ['without signing keys give the newer one', [], true],
  ] as const)('%s', async (_, secrets, isGiven) => {
    const { world, browser } = await startWith(platform, { ...renewing, db, collection: 'sessions', secrets });
    const old = parseToken(browser.jar.get('id')!.slice(0, 59))!;
    world.clock.advance(HOUR);
    await world.visit(browser);
    const document = (await db.collection('sessions').findOne({ 'rotation.next': { $exists: true } }))!;
    const { nonce, secretHash } = document['rotation'].next as Record<string, { buffer: Uint8Array }>;
    const made = createHmac('sha256', old.secret)
      .update('nestjs-mongo-sessions renewal')
      .update(nonce!.buffer)
      .digest();
    expect(new SecretHasher('default').matches(made, secretHash!.buffer)).toBe(isGiven);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test.each(['drop', 'END', true, null])('onReusedToken: %j stops the start', async (onReusedToken) => {
    const { code, message } = await errorOf(() => startWorld(platform, { onReusedToken } as never));
    expect(code).toBe('SESSION_OPTION_INVALID');
    expect(message).toContain('`onReusedToken`');
  });
});
