// MongoSessions.of(session): a user lists the own sessions, ends one, all others or all, and nobody else's.
import { describe, expect, test } from 'vitest';
import { getSessionsToken, MongoSessions, MongoSessionsModule, type SessionObject } from '../../../lib/index.js';
import { errorOf, type HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { handleOf, HOUR, MINUTE, startWorld, tokenOf } from '../../support/world.js';

const { db } = testDatabase();
let collections = 0;

async function start(platform: (typeof PLATFORMS)[number], options: object = {}) {
  const world = await startWorld(platform, { db, collection: `sessions${collections++}`, ...options });
  const sessions = world.app.nest.get(MongoSessions);
  const own = (session: SessionObject<object>) => sessions.of(session);
  return { world, sessions, own };
}

const handlesOf = (...browsers: HttpClient[]) => browsers.map((browser) => handleOf(tokenOf(browser)));

describe.each(PLATFORMS)('MongoSessions.of(session) on %s', (platform) => {
  test('list() shows the living sessions of that user, last used first, and marks the current one', async () => {
    const { world, own } = await start(platform);
    const phone = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const laptop = await world.browserOf('ada');
    await world.browserOf('grace');
    const [phoneHandle, laptopHandle] = handlesOf(phone, laptop);
    const listed = await world.ask(laptop, ({ session }) => own(session).list());
    const at = new Date(world.clock.now()).toJSON();
    const earlier = new Date(world.clock.now() - MINUTE).toJSON();
    expect(listed).toEqual([
      {
        ...{ handle: laptopHandle, isCurrent: true, isPermanent: false, createdAt: at, authenticatedAt: at },
        ...{ lastSeenAt: at, expiresAt: new Date(world.clock.now() + 30 * MINUTE).toJSON() },
      },
      {
        ...{ handle: phoneHandle, isCurrent: false, isPermanent: false, createdAt: earlier, authenticatedAt: earlier },
        ...{ lastSeenAt: earlier, expiresAt: new Date(world.clock.now() + 29 * MINUTE).toJSON() },
      },
    ]);
  });

  test('list({ limit }) finds a living session behind expired ones that were used later', async () => {
    const { world, sessions } = await start(platform);
    const permanent = await world.browserOf('ada');
    await world.visit(permanent, ({ session }) => void (session.permanent = true));
    world.clock.advance(HOUR);
    for (let n = 0; n < 5; n++) await world.browserOf('ada');
    world.clock.advance(31 * MINUTE);
    for (const limit of [1, 2, 5, 1000])
      expect((await sessions.of('ada').list({ limit })).map(({ handle }) => handle)).toEqual(handlesOf(permanent));
  });

  test('is refused for a session of another registration, as ended() is: SESSION_VALUE_REFUSED', async () => {
    const imports = [MongoSessionsModule.forRoot({ name: 'admin', db, collection: `sessions${collections++}` })];
    const world = await startWorld(platform, { db, collection: `sessions${collections++}` }, { imports });
    const sessions = world.app.nest.get(MongoSessions);
    const admins = world.app.nest.get<MongoSessions>(getSessionsToken('admin'));
    const customer = await world.browserOf('1');
    await world.ask(world.client(), async ({ request }) => {
      const admin = await admins.from(request);
      await admin.login('1');
      for (const ask of [() => sessions.of(admin), () => sessions.ended(admin)]) {
        const { code, message } = await errorOf(async () => ask());
        expect([code, message]).toEqual([
          'SESSION_VALUE_REFUSED',
          expect.stringContaining("getSessionsToken('admin')"),
        ]);
      }
      expect(await admins.of(admin).list()).toHaveLength(1);
      return null;
    });
    expect(await world.isAlive(customer)).toBe(true);
  });

  test('revoke(handle) ends that session with the next request, and its token opens nothing', async () => {
    const { world, own } = await start(platform);
    const [phone, laptop] = [await world.browserOf('ada'), await world.browserOf('ada')];
    const [handle] = handlesOf(phone);
    expect(await world.ask(laptop, async ({ session }) => ({ done: await own(session).revoke(handle!) }))).toEqual({
      done: true,
    });
    expect([await world.isAlive(phone), await world.isAlive(laptop)]).toEqual([false, true]);
    const [by] = handlesOf(laptop);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'revoked', handle, cause: 'user', by }));
    expect(await world.ask(laptop, async ({ session }) => ({ done: await own(session).revoke(handle!) }))).toEqual({
      done: false,
    });
  });

  test('revoke(own handle) logs out here too, cookie included', async () => {
    const { world, own } = await start(platform);
    const browser = await world.browserOf('ada');
    const old = world.client(browser);
    const reply = await world.visit(browser, async ({ session }) => {
      const done = await own(session).revoke(session.handle);
      return { done, userId: session.userId ?? null };
    });
    expect(JSON.parse(reply.body)).toEqual({ done: true, userId: null });
    expect(reply.cookies).toEqual([expect.stringMatching(/^id=; .*Max-Age=0/)]);
    expect(await world.isAlive(old)).toBe(false);
    expect(world.eventTypes()).toContain('destroyed');
    expect(world.eventTypes()).not.toContain('revoked');
  });

  test('revokeOthers() ends all others and says how many, also after a login in the same request', async () => {
    const { world, own } = await start(platform);
    const others = [await world.browserOf('ada'), await world.browserOf('ada')];
    const stranger = await world.browserOf('grace');
    const browser = await world.browserOf('ada');
    const count = await world.ask(browser, async ({ session }) => {
      await session.login('ada', { keep: true });
      return { count: await own(session).revokeOthers({ reason: 'password changed' }) };
    });
    expect(count).toEqual({ count: 2 });
    expect(await Promise.all(others.map((other) => world.isAlive(other)))).toEqual([false, false]);
    expect([await world.isAlive(browser), await world.isAlive(stranger)]).toEqual([true, true]);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'revoked', reason: 'password changed' }));
  });

  test('revokeAll() ends this session too, cookie included, and counts it', async () => {
    const { world, own } = await start(platform);
    const other = await world.browserOf('ada');
    const browser = await world.browserOf('ada');
    const old = world.client(browser);
    const reply = await world.visit(browser, async ({ session }) => ({ count: await own(session).revokeAll() }));
    expect(JSON.parse(reply.body)).toEqual({ count: 2 });
    expect(reply.cookies).toEqual([expect.stringMatching(/^id=; .*Max-Age=0/)]);
    expect([await world.isAlive(other), await world.isAlive(old)]).toEqual([false, false]);
  });

  test('revokeAll() of a session that can only be read is refused, and ends none', async () => {
    const { world, sessions } = await start(platform);
    const [phone] = [await world.browserOf('ada'), await world.browserOf('ada')];
    const session = await sessions.read(handleOf(tokenOf(phone)));
    expect(await errorOf(() => sessions.of(session!).revokeAll())).toMatchObject({ code: 'SESSION_READ_ONLY' });
    expect(await sessions.of('ada').list()).toHaveLength(2);
  });

  test('of a session that belongs to nobody is a 401: SESSION_ANONYMOUS', async () => {
    const { world, own } = await start(platform);
    const reply = await world.visit(await world.browserWith(), ({ session }) => own(session).list());
    expect([reply.status, JSON.parse(reply.body)]).toEqual([
      401,
      { statusCode: 401, message: 'Unauthorized', code: 'SESSION_ANONYMOUS' },
    ]);
  });

  test('reaches no session of another user, by no handle', async () => {
    const { world, own } = await start(platform);
    const victim = await world.browserOf('grace');
    const [handle] = handlesOf(victim);
    const answers = await world.ask(await world.browserOf('ada'), async ({ session }) => [
      await own(session).revoke(handle!),
      await own(session).revoke('0'.repeat(24)),
      (await own(session).list()).length,
    ]);
    expect(answers).toEqual([false, false, 1]);
    expect(await world.isAlive(victim)).toBe(true);
  });

  test('that nobody awaits and that fails has its line in the log, and ends nothing', async () => {
    const { world, own } = await start(platform);
    const browser = await world.browserOf('ada');
    await world.visit(browser, ({ session }) => {
      void own(session).list({ limit: 0 });
      return 'done';
    });
    expect(await world.isAlive(browser)).toBe(true);
    expect(world.app.log.lines.join('\n')).toContain('An operation of MongoSessions failed');
  });
});

describe.each(PLATFORMS)('MongoSessions on %s', (platform) => {
  test('of(userId) lists and ends the sessions of that user, logins in flight too', async () => {
    const { world, sessions } = await start(platform);
    const [phone, stranger] = [await world.browserOf('ada'), await world.browserOf('grace')];
    const slow = await world.begin(world.client(), ({ session }) => session.login('ada'));
    world.clock.advance(1);
    expect((await sessions.of('ada').list()).map(({ isCurrent }) => isCurrent)).toEqual([false]);
    expect(await sessions.of('ada').revokeAll({ reason: 'account disabled' })).toBe(1);
    expect([await world.isAlive(phone), await world.isAlive(stranger)]).toEqual([false, true]);
    const late = await slow.end();
    expect([late.status, JSON.parse(late.body), late.cookies]).toEqual([
      409,
      expect.objectContaining({ code: 'SESSION_LOGIN_REVOKED' }),
      [],
    ]);
    expect(await sessions.of('ada').list()).toEqual([]);
    world.clock.advance(1);
    expect(await world.isAlive(await world.browserOf('ada'))).toBe(true);
  });

  test('revoke(handle) ends the session of anybody, once', async () => {
    const { world, sessions } = await start(platform);
    const [browser, visitor] = [await world.browserOf('ada'), await world.browserWith()];
    for (const client of [browser, visitor]) {
      const handle = handleOf(tokenOf(client));
      const answers = await Promise.all([sessions.revoke(handle), sessions.revoke(handle)]);
      expect(answers.toSorted()).toEqual([false, true]);
      expect(await world.isAlive(client)).toBe(false);
    }
    expect(world.events.filter(({ type }) => type === 'revoked')).toHaveLength(2);
  });

  test('revokeEverybody() ends every session that has a user, logins in flight too, and no other', async () => {
    const { world, sessions } = await start(platform);
    const users = [await world.browserOf('ada'), await world.browserOf('grace')];
    const visitor = await world.browserWith();
    const slow = await world.begin(world.client(), ({ session }) => session.login('edsger'));
    expect(await sessions.revokeEverybody()).toBe(2);
    expect(await Promise.all(users.map((user) => world.isAlive(user)))).toEqual([false, false]);
    expect(await world.isAlive(visitor)).toBe(true);
    expect((await slow.end()).status).toBe(409);
  });
});
