// What MongoSessions says to what can't be meant: the same to a handle of somebody else's and to one of nobody.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, MongoSessions, type SessionOptions } from '../../../lib/index.js';
import { errorOf, PLATFORMS, recordCommands, startApp, testDatabase } from '../../support/http.js';
import { handleOf, startWorld, tokenOf } from '../../support/world.js';

const { Binary, Decimal128, Double, Int32, Long, ObjectId, UUID } = mongoose.mongo.BSON;
const { db, client } = testDatabase({ monitorCommands: true });
const recorded = recordCommands(client);
let collections = 0;

const NO_HANDLES: unknown[] = [
  ...[
    '',
    'me',
    '0'.repeat(23),
    '0'.repeat(25),
    'z'.repeat(24),
    'ABCDEF'.repeat(4),
    '../../etc',
    'x'.repeat(1024 * 1024),
  ],
  ...[{ $ne: null }, { $gt: '' }, [], ['0'.repeat(24)], null, undefined, 5, true, new ObjectId()],
];

describe.each(PLATFORMS)('bad input on %s', (platform) => {
  const start = async () => {
    const collection = `sessions${collections++}`;
    const world = await startWorld(platform, { db, collection });
    return {
      world,
      sessions: world.app.nest.get(MongoSessions),
      commands: () => recorded.on(collection, `${collection}.users`),
    };
  };

  test('a handle that is none is false, without a query', async () => {
    const { world, sessions, commands } = await start();
    const browser = await world.browserOf('ada');
    commands();
    const answers = await world.ask(browser, async ({ session }) => {
      const all: boolean[] = [];
      for (const handle of NO_HANDLES as string[]) {
        all.push(await sessions.of(session).revoke(handle), await sessions.of('ada').revoke(handle));
        all.push(await sessions.revoke(handle));
      }
      return all;
    });
    expect(new Set(answers as boolean[])).toEqual(new Set([false]));
    expect(commands()).toEqual(['find']);
    expect(await world.isAlive(browser)).toBe(true);
  });

  test("a handle that is gone and one of somebody else's get the same answer", async () => {
    const { world, sessions } = await start();
    const stranger = await world.browserOf('grace');
    const gone = await world.browserOf('ada');
    await sessions.revoke(handleOf(tokenOf(gone)));
    const browser = await world.browserOf('ada');
    const answers = await world.ask(browser, async ({ session }) => {
      const own = sessions.of(session);
      const all: boolean[] = [];
      for (const each of [stranger, gone]) all.push(await own.revoke(handleOf(tokenOf(each))));
      return all;
    });
    expect(answers).toEqual([false, false]);
    expect(await world.isAlive(stranger)).toBe(true);
  });

  test('of(userId) with what login() refuses is refused: SESSION_VALUE_REFUSED', async () => {
    const { sessions } = await start();
    const wrong: unknown[] = [
      ...['', '\ud800', 'x'.repeat(1025), null, undefined, true, Number.NaN, Infinity, 10n, Symbol('ada')],
      ...[{}, { $ne: null }, ['ada'], new Date(), /ada/, () => 'ada', new Int32(1), new Double(1)],
    ];
    for (const userId of wrong) {
      const { code, message } = await errorOf(async () => sessions.of(userId as string));
      expect([code, message]).toEqual(['SESSION_VALUE_REFUSED', expect.stringMatching(/^MongoSessions\.of\(\) got /)]);
    }
  });

  test('of(userId) finds the sessions of ids of every type that login() takes', async () => {
    const { world, sessions } = await start();
    const ids = [
      ...['ada', '$ne', 'a.b', 'x'.repeat(1024), 0, -1.5, 42],
      ...[
        new ObjectId(),
        new UUID(),
        Long.fromString('9007199254740993'),
        Decimal128.fromString('1.5'),
        new Binary(Buffer.from('ada')),
      ],
    ];
    for (const id of ids) await world.visit(world.client(), ({ session }) => session.login(id));
    for (const id of ids) expect(await sessions.of(id).list()).toHaveLength(1);
    expect(await sessions.of(Long.fromNumber(42)).list()).toHaveLength(1);
    expect(await sessions.of('42').list()).toEqual([]);
    for (const id of ids) expect(await sessions.of(id).revokeAll()).toBe(1);
  });

  test.each([[0], [-1], [1.5], [1001], [Number.NaN], ['5'], [null]])(
    'list({ limit: %s }) is refused: SESSION_OPTION_INVALID',
    async (limit) => {
      const { sessions } = await start();
      const error = await errorOf(() => sessions.of('ada').list({ limit: limit as number }));
      expect([error.code, error.message]).toEqual([
        'SESSION_OPTION_INVALID',
        expect.stringContaining('from 1 to 1000'),
      ]);
    },
  );

  test('a reason is cut after 200 characters, and has to be a text', async () => {
    const { world, sessions } = await start();
    await world.browserOf('ada');
    await sessions.of('ada').revokeAll({ reason: 'x'.repeat(1024 * 1024) });
    const told = world.events.find((event) => event.type === 'revoked');
    expect(told?.reason).toBe('x'.repeat(200));
    const error = await errorOf(() => sessions.of('ada').revokeAll({ reason: { $ne: '' } as unknown as string }));
    expect(error.code).toBe('SESSION_OPTION_INVALID');
  });
});

describe.each(PLATFORMS)('the start on %s', (platform) => {
  const refusal = (...sessions: SessionOptions[]) => errorOf(() => startApp({ platform, sessions }));
  const place = { db, collection: 'sessions' };

  test.each([[0], [-1], [1.5], [Number.NaN], ['5'], [null], [10_001], [Infinity]])(
    'is refused by maxSessions: %s',
    async (maxSessions) => {
      const error = await refusal({ ...place, maxSessions: maxSessions as number });
      expect([error.code, error.message]).toEqual([
        'SESSION_OPTION_INVALID',
        expect.stringMatching(/option `maxSessions` is .* Give a whole number from 1 to 10000\.$/),
      ]);
    },
  );

  test.each([['end'], ['oldest'], [true], [null], [{}]])('is refused by onMaxSessions: %s', async (onMaxSessions) => {
    const error = await refusal({ ...place, onMaxSessions: onMaxSessions as 'refuse' });
    expect([error.code, error.message]).toEqual([
      'SESSION_OPTION_INVALID',
      expect.stringMatching(/`onMaxSessions` is .* Use one of: "endIdlest", "endOldest", "refuse"\.$/),
    ]);
  });

  test('is refused where a store can not count sessions, and names the methods', async () => {
    const memory = new MemorySessionStore();
    const methods = [
      'find',
      'insert',
      'update',
      'replaceSecret',
      'replaceValue',
      'renewToken',
      'removeIfEmpty',
      'remove',
    ];
    const store = Object.fromEntries(
      methods.map((name) => [name, (memory[name as 'find'] as () => unknown).bind(memory)]),
    ) as unknown as MemorySessionStore;
    const error = await refusal({ store, maxSessions: 3 });
    expect([error.code, error.message]).toEqual([
      'SESSION_OPTION_INVALID',
      expect.stringMatching(
        /`maxSessions` needs a store .* lacks findByUser\(\), handlesOf\(\), take\(\), describe\(\)\./,
      ),
    ]);
    const world = await startWorld(platform, { store });
    const answers = await world.ask(world.client(), async ({ session }) => {
      const limited = await session.login('ada', { maxSessions: 3 }).catch((failure: { code: string }) => failure.code);
      await session.login('ada');
      return [limited, session.userId];
    });
    expect(answers).toEqual(['SESSION_OPTION_INVALID', 'ada']);
    const sessions = world.app.nest.get(MongoSessions);
    expect((await errorOf(() => sessions.of('ada').list())).code).toBe('SESSION_OPTION_INVALID');
  });

  test.each([
    ['maxSessions', { maxSessions: 3 }, { maxSessions: 4 }],
    ['maxSessions', { maxSessions: 3 }, {}],
    ['onMaxSessions', { maxSessions: 3 }, { maxSessions: 3, onMaxSessions: 'refuse' }],
    ['cleanup', { cleanup: 'off' }, {}],
  ] as const)(
    'is refused by a %s that two registrations of one collection do not share',
    async (option, one, other) => {
      const error = await refusal({ ...place, ...one }, { ...place, name: 'admin', ...other });
      expect([error.code, error.message]).toEqual([
        'SESSION_OPTION_INVALID',
        expect.stringMatching(
          new RegExp(`^MongoSessionsModule: option \`${option}\` .*'default' and 'admin' have the same collection`),
        ),
      ]);
      const app = await startApp({
        platform,
        sessions: [
          { ...place, ...one },
          { ...place, collection: 'admins', name: 'admin', ...other },
        ],
      });
      expect(app.origin).toMatch(/^http/);
    },
  );
});
