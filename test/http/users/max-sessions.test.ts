// The option maxSessions over HTTP: whom a login ends, whom it refuses, and how many commands that takes.
import { describe, expect, test } from 'vitest';
import { MongoSessions, type SessionOptions } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS, recordCommands, testDatabase } from '../../support/http.js';
import { MINUTE, startWorld } from '../../support/world.js';

const { db, client } = testDatabase({ monitorCommands: true });
const recorded = recordCommands(client);
let collections = 0;

describe.each(PLATFORMS)('maxSessions on %s', (platform) => {
  const start = (options: SessionOptions) =>
    startWorld(platform, { db, collection: `sessions${collections++}`, ...options });

  test.each([
    ['endIdlest', [true, false, true]],
    ['endOldest', [false, true, true]],
  ] as const)('by %s ends one session for the one that is too many', async (onMaxSessions, expected) => {
    const world = await start({ maxSessions: 2, onMaxSessions });
    const first = await world.browserOf('ada');
    world.clock.advance(MINUTE);
    const second = await world.browserOf('ada');
    world.clock.advance(10 * MINUTE);
    await world.visit(first);
    const third = await world.browserOf('ada');
    const alive = await Promise.all([first, second, third].map((browser) => world.isAlive(browser)));
    expect(alive).toEqual(expected);
  });

  test('by refuse answers 409, SESSION_LIMIT_REACHED, and the session goes on as it was', async () => {
    const world = await start({ maxSessions: 1, onMaxSessions: 'refuse' });
    const first = await world.browserOf('ada');
    const visitor = await world.browserWith({ cart: [1] });
    const before = new Map(visitor.jar);
    const refused = await world.visit(visitor, ({ session }) => session.login('ada', { keep: true }));
    expect([refused.status, JSON.parse(refused.body)]).toEqual([
      409,
      { statusCode: 409, message: 'Conflict', code: 'SESSION_LIMIT_REACHED' },
    ]);
    expect(visitor.jar).toEqual(before);
    expect(await world.dataOf(visitor)).toEqual({ cart: [1] });
    expect(await world.isAlive(first)).toBe(true);
  });

  test('by refuse lets the handler show a picker, end one session, and log in', async () => {
    const world = await start({ maxSessions: 1, onMaxSessions: 'refuse' });
    const first = await world.browserOf('ada');
    const sessions = world.app.nest.get(MongoSessions);
    const visitor = world.client();
    const picker = await world.ask(visitor, async ({ session }) => {
      try {
        await session.login('ada');
      } catch (error) {
        if ((error as { code?: string }).code !== 'SESSION_LIMIT_REACHED') throw error;
        session['verified'] = 'ada';
        return (await sessions.of('ada').list()).map(({ handle }) => handle);
      }
      return [];
    });
    const reply = await world.visit(visitor, async ({ session }) => {
      await sessions.of(session['verified'] as string).revoke((picker as string[])[0]!);
      await session.login('ada');
      return 'in';
    });
    expect(reply.body).toBe('in');
    expect([await world.isAlive(first), await world.userOf(visitor)]).toEqual([false, 'ada']);
  });

  test('of login({ maxSessions }) replaces the option for its user', async () => {
    const world = await start({});
    const login = async (maxSessions: number): Promise<HttpClient> => {
      const browser = world.client();
      await world.visit(browser, ({ session }) => session.login('ada', { maxSessions }));
      return browser;
    };
    const browsers = [await login(2), await login(2), await login(2), await login(1)];
    const alive = await Promise.all(browsers.map((browser) => world.isAlive(browser)));
    expect(alive).toEqual([false, false, false, true]);
  });

  test.each([[0], [-1], [1.5], [Number.NaN], ['5'], [null], [10_001]])(
    'of login({ maxSessions: %s }) is refused before anything is written: SESSION_OPTION_INVALID',
    async (maxSessions) => {
      const world = await start({});
      const code = await world.ask(world.client(), async ({ session }) => {
        const login = session.login('ada', { maxSessions: maxSessions as number });
        return { code: await login.catch((error: { code: string }) => error.code) };
      });
      expect(code).toEqual({ code: 'SESSION_OPTION_INVALID' });
      expect(await world.app.nest.get(MongoSessions).of('ada').list()).toEqual([]);
    },
  );

  test('holds when ten browsers log in at the same moment', async () => {
    const world = await start({ maxSessions: 3 });
    const browsers = await Promise.all(Array.from({ length: 10 }, () => world.browserOf('ada')));
    const alive = await Promise.all(browsers.map((browser) => world.isAlive(browser)));
    expect(alive.filter(Boolean)).toHaveLength(3);
    expect(await world.app.nest.get(MongoSessions).of('ada').list()).toHaveLength(3);
  });
});

describe('commands of a login', () => {
  const commandsOf = async (options: SessionOptions, users: number) => {
    const collection = `sessions${collections++}`;
    const world = await startWorld('express', { db, collection, ...options });
    const all = () => recorded.on(collection, `${collection}.users`);
    for (let n = 0; n < users; n++) await world.browserOf('ada');
    const visitor = await world.browserWith();
    const reader = await world.browserOf('grace');
    all();
    await world.visit(visitor, ({ session }) => session.login('ada'));
    const login = all();
    await world.visit(reader);
    return { login, read: all() };
  };

  test('are two without a limit, beside the read of its session', async () => {
    expect(await commandsOf({}, 1)).toEqual({ login: ['find', 'update', 'find'], read: ['find'] });
  });

  test('have one more for what its request adds, which is not checked again and shares its command', async () => {
    const collection = `sessions${collections++}`;
    const world = await startWorld('express', { db, collection });
    const browsers = await Promise.all(Array.from({ length: 20 }, () => world.browserWith()));
    recorded.on(collection, `${collection}.users`);
    await Promise.all(
      browsers.map((browser, n) =>
        world.visit(browser, async ({ session }) => {
          await session.login(`user${n}`);
          session['cart'] = [n];
        }),
      ),
    );
    const commands = recorded.on(collection, `${collection}.users`);
    // A command for each new token; what can share one does.
    const updates = commands.filter((name) => name === 'update');
    expect(updates.length).toBeLessThan(30);
    expect(commands.length - updates.length).toBeLessThan(30);
    const carts = await Promise.all(browsers.map((browser) => world.dataOf(browser)));
    expect(carts).toEqual(browsers.map((_, n) => ({ cart: [n] })));
  });

  test('are four with a limit where there is room', async () => {
    const { login, read } = await commandsOf({ maxSessions: 5 }, 1);
    expect(login.toSorted()).toEqual(['find', 'find', 'find', 'update', 'update']);
    expect(read).toEqual(['find']);
  });

  test('are at most seven where there is no room', async () => {
    const { login } = await commandsOf({ maxSessions: 2 }, 2);
    expect(login.toSorted()).toEqual(['find', 'find', 'find', 'find', 'findAndModify', 'update', 'update']);
  });
});
