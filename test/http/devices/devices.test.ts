// The option devices over HTTP: what is noted of a request, where that is, and that nothing is anywhere with the option off.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { MongoSessions, type SessionOptions, type UserSession } from '../../../lib/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { type Platform, PLATFORMS, testDatabase } from '../../support/http.js';
import { DAY, type World, handleOf, startWorld, tokenOf } from '../../support/world.js';

const AGENT = 'Mozilla/5.0 (Unmistakable; rv:128.0) Test/128.0';
const ADDRESS = '203.0.113.77';
const FROM = { headers: { 'user-agent': AGENT, 'x-forwarded-for': ADDRESS } };

const database = testDatabase();

/** A database that is empty, and an app behind a proxy that says where a request came from. */
async function start(platform: Platform, options: SessionOptions): Promise<World> {
  await database.db.dropDatabase();
  return startWorld(
    platform,
    { uri: database.uri, collection: 'sessions', ...options },
    {
      fastify: { trustProxy: true },
      configure: (app) => {
        const express = app.getHttpAdapter().getInstance() as { set?(setting: string, value: unknown): void };
        if (platform === 'express') express.set!('trust proxy', true);
      },
    },
  );
}

const list = (world: World, user = 'ada'): Promise<UserSession[]> => world.app.nest.get(MongoSessions).of(user).list();

/** Everything in the database. */
async function dump(): Promise<string> {
  const collections = await database.db.collections();
  const documents = await Promise.all(collections.map((collection) => collection.find().toArray()));
  return JSON.stringify(documents, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
}

describe.each(PLATFORMS)('devices on %s', (platform) => {
  test('true notes where a request came from, behind a proxy, and with what', async () => {
    const world = await start(platform, { devices: true });
    const browser = world.client();
    await world.visit(browser, ({ session }) => session.login('ada', { label: 'Kitchen iPad' }), FROM);
    const device = { ip: ADDRESS, userAgent: AGENT, label: 'Kitchen iPad' };
    expect(await list(world)).toEqual([expect.objectContaining({ handle: handleOf(tokenOf(browser)), ...device })]);
    expect(world.events.at(-1)).toMatchObject({ type: 'loggedIn', device });
  });

  test("ip: 'prefix' tells nothing more of an address that was noted in full, and keeps no more after a use", async () => {
    const full = await start(platform, { devices: true });
    await full.visit(full.client(), ({ session }) => session.login('ada'), FROM);
    const browser = full.client();
    await full.visit(browser, ({ session }) => session.login('grace'), FROM);
    const options: SessionOptions = { uri: database.uri, collection: 'sessions', devices: { ip: 'prefix' } };
    const world = await startWorld(platform, options, { trustProxy: true });
    expect((await list(world)).map(({ ip }) => ip)).toEqual(['203.0.113.0/24']);
    await world.app.nest.get(MongoSessions).of('ada').revokeAll();
    expect(world.events.at(-1)).toMatchObject({ session: { device: { ip: '203.0.113.0/24', userAgent: AGENT } } });
    expect(await dump()).toContain(ADDRESS);
    await world.visit(world.client(browser), ({ session }) => session.touch(), FROM);
    expect(await dump()).not.toContain(ADDRESS);
  });

  test("ip: 'prefix' notes the network of an address", async () => {
    const world = await start(platform, { devices: { ip: 'prefix', userAgent: false } });
    for (const [address, ip] of [
      [ADDRESS, '203.0.113.0/24'],
      ['::ffff:203.0.113.77', '203.0.113.0/24'],
      ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ] as const) {
      const headers = { ...FROM.headers, 'x-forwarded-for': address };
      await world.visit(world.client(), ({ session }) => session.login(address), { headers });
      const [latest] = await list(world, address);
      expect([latest!.ip, latest!.userAgent]).toEqual([ip, undefined]);
    }
  });

  test.each([
    ['of 12 KB', [`User-Agent: ${'y'.repeat(12 * 1024)}`], 'y'.repeat(256)],
    ['that is missing', [], undefined],
    ['that comes twice', ['User-Agent: one', 'user-agent: two'], undefined],
    ['with control and bidi characters', ['User-Agent: a\tb \xe2\x80\xae'], expect.stringMatching(/^ab [^\p{Cc}]*$/u)],
  ])('a User-Agent %s is cut, cleaned or absent', async (_, headers, userAgent) => {
    const world = await start(platform, { devices: true });
    await send(
      world,
      world.route(({ session }) => session.login('ada')),
      headers,
    );
    const sessions = await list(world);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]!.userAgent).toEqual(userAgent);
  });

  test('a thief of a cookie shows in the list with the next write of the time of use, and gets no cookie by it', async () => {
    const clock = new TestClock();
    const world = await start(platform, { devices: true, clock });
    const browser = world.client();
    await world.visit(
      browser,
      async ({ session }) => {
        await session.login('ada');
        session.permanent = true;
      },
      FROM,
    );
    clock.advance(5 * 60_000);
    const thief = browser.clone();
    const headers = { 'user-agent': 'Thief/1.0', 'x-forwarded-for': '198.51.100.9' };
    const reply = await world.visit(thief, ({ session }) => ({ ...session }), { headers });
    expect(reply.cookies).toEqual([]);
    expect(await list(world)).toMatchObject([
      { ip: '198.51.100.9', userAgent: 'Thief/1.0', lastSeenAt: new Date(clock.now()) },
    ]);
    clock.advance(2 * DAY);
    const later = await world.visit(thief, ({ session }) => ({ ...session }), { headers });
    expect(later.cookies).toHaveLength(1);
  });

  test('false leaves neither address nor user agent anywhere: not in the database, the events or the log', async () => {
    const clock = new TestClock();
    const world = await start(platform, { clock });
    const browser = world.client();
    await world.visit(browser, ({ session }) => void (session['a'] = 1), FROM);
    await world.visit(browser, ({ session }) => session.login('ada', { keep: true }), FROM);
    clock.advance(20 * 60_000);
    await world.visit(browser, ({ session }) => void (session['a'] = 2), FROM);
    await list(world);
    const dumped = await dump();
    await world.visit(browser, ({ session }) => session.logout(), FROM);
    const told = JSON.stringify([world.events, world.app.log.lines]);
    expect(world.eventTypes()).toContain('destroyed');
    expect(dumped).toContain('lastSeenAt');
    for (const secret of [AGENT, 'Unmistakable', ADDRESS, '203.0.113']) {
      expect(dumped).not.toContain(secret);
      expect(told).not.toContain(secret);
    }
  });

  test('with encryption is in the list, and not in a dump of the database', async () => {
    const world = await start(platform, { devices: true, encryption: { keys: [randomBytes(32)] } });
    const browser = world.client();
    await world.visit(browser, ({ session }) => session.login('ada', { label: 'Unmistakable label' }), FROM);
    await world.visit(browser, ({ session }) => session.touch(), {
      headers: { ...FROM.headers, 'x-forwarded-for': '203.0.113.78' },
    });
    expect(await list(world)).toMatchObject([{ ip: '203.0.113.78', userAgent: AGENT, label: 'Unmistakable label' }]);
    const dumped = await dump();
    expect(dumped).toContain('device');
    for (const secret of [AGENT, 'Unmistakable', ADDRESS, '203.0.113']) expect(dumped).not.toContain(secret);
    await world.visit(browser, ({ session }) => session.logout());
    expect(world.events.at(-1)).toMatchObject({ type: 'destroyed', session: { device: { ip: '203.0.113.78' } } });
  });
});

/** A request with just these headers, byte by byte. */
async function send(world: World, path: string, headers: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(world.app.origin);
  const socket = connect(Number(port), hostname);
  socket.write(
    Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
      'latin1',
    ),
  );
  let reply = '';
  for await (const chunk of socket) reply += String(chunk);
  expect(reply).toMatch(/^HTTP\/1\.1 200 /);
}
