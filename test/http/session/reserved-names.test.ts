// A name of a request that is also the name of a member: no request can put data there, and no data there hides the member.
import { describe, expect, test } from 'vitest';
import { RESERVED_NAMES } from '../../../lib/core/session/session.js';
import { flash } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { type AnySession, type World, startWorld } from '../../support/world.js';

const NAMES = [...RESERVED_NAMES];

type Verb = (session: AnySession, key: string) => Promise<unknown>;

/** Every atomic operation there is. */
const VERBS: [string, Verb][] = [
  ['increment', (session, key) => session.increment(key)],
  ['push', (session, key) => session.push(key, [1])],
  ['take', (session, key) => session.take(key)],
  ['update', (session, key) => session.update(key, () => 1)],
  ['compareAndSet', (session, key) => session.compareAndSet(key, undefined, 1)],
];

describe.each(PLATFORMS)('A1: reserved names on %s', (platform) => {
  const { db } = testDatabase();
  let collections = 0;

  async function start(): Promise<{ world: World; sessions: ReturnType<typeof db.collection> }> {
    const collection = `sessions_${platform}_${collections++}`;
    return { world: await startWorld(platform, { db, collection }), sessions: db.collection(collection) };
  }

  /** The code that a verb is refused with. */
  async function refusal(world: World, client: HttpClient, verb: Verb, key: unknown): Promise<unknown> {
    const reply = await world.visit(client, async ({ session }) => {
      session['seen'] = 'before';
      return verb(session, key as string).then(
        () => ({ code: null }),
        (error: { code?: string }) => ({ code: error.code }),
      );
    });
    return (JSON.parse(reply.body) as { code: unknown }).code;
  }

  test.each(VERBS)('%s() refuses each of them, stored or not yet, and sends nothing', async (_, verb) => {
    const { world, sessions } = await start();
    const client = await world.browserWith({ a: 1 });
    for (const name of NAMES) expect([name, await refusal(world, client, verb, name)]).toEqual([name, RESERVED]);
    for (const name of NAMES) expect(await refusal(world, world.client(), verb, name)).toBe(RESERVED);
    const stored = await sessions.find().toArray();
    const keys = new Set(stored.flatMap(({ data }) => Object.keys(data as object)));
    expect([...keys].toSorted()).toEqual(['a', 'seen']);
  });

  test.each(VERBS)('%s() refuses a key that is no string, such as a list of names from a query', async (_, verb) => {
    const { world, sessions } = await start();
    const client = await world.browserWith({ a: 1 });
    for (const key of [['userId'], { toString: () => 'userId' }, null, undefined, 1, Symbol.iterator])
      expect(await refusal(world, client, verb, key)).toBe('SESSION_VALUE_REFUSED');
    expect(Object.keys((await sessions.findOne())!['data'] as object)).toEqual(['a', 'seen']);
  });

  test('increment() of a name from the request logs nobody in', async () => {
    const { world } = await start();
    const client = await world.browserWith({ a: 1 });
    const count = world.route(({ session, request }) => session.increment(request.query['name']!));
    expect((await client.get(`${count}?name=userId`)).status).toBe(500);
    const reply = await world.visit(client, ({ session }) => ({ user: session.userId ?? null }));
    expect(JSON.parse(reply.body)).toEqual({ user: null });
  });

  test('flash() takes any of them, because its messages have keys of their own', async () => {
    const { world } = await start();
    const client = await world.browserWith({ a: 1 });
    for (const name of NAMES) {
      await world.visit(client, ({ session }) => flash(session, name, 'hello'));
      const reply = await world.visit(client, ({ session }) => flash(session, name));
      expect(JSON.parse(reply.body)).toEqual(['hello']);
    }
  });

  describe('in a stored session, whoever wrote them', () => {
    const foreign = Object.fromEntries(NAMES.map((name) => [name, { admin: true, text: 'x'.repeat(5000) }]));

    async function startWithForeign(data: object = { a: 1 }, login?: string) {
      const { world, sessions } = await start();
      const client = await world.browserWith(data);
      if (login) await world.visit(client, ({ session }) => session.login(login, { keep: true }));
      const merged = Object.fromEntries(Object.entries(foreign).map(([key, value]) => [`data.${key}`, value]));
      await sessions.updateOne({}, { $set: merged });
      const dataOf = async () => (await sessions.findOne())?.['data'] as Record<string, unknown> | undefined;
      return { world, client, sessions, dataOf };
    }

    test('hide no member', async () => {
      const { world, client } = await startWithForeign({ a: 1 }, 'ada');
      const reply = await world.visit(client, ({ session }) => ({
        user: session.userId,
        isNew: session.isNew,
        permanent: session.permanent,
        types: NAMES.map((name) => typeof (session as never)[name]),
        keys: Object.keys(session),
        own: NAMES.filter((name) => Object.hasOwn(session, name)),
        admin: (session as { admin?: unknown }).admin ?? null,
      }));
      const blank = await world.visit(world.client(), ({ session }) =>
        NAMES.map((name) => typeof (session as never)[name]),
      );
      const blankTypes = JSON.parse(blank.body) as string[];
      const types = NAMES.map((name, index) =>
        name === 'userId' ? 'string' : name === 'authenticatedAt' ? 'object' : blankTypes[index],
      );
      const shown = { user: 'ada', isNew: false, permanent: false, types, keys: ['a'], own: [], admin: null };
      expect(JSON.parse(reply.body)).toEqual(shown);
    });

    test('are reported once for each name, in one line that names it', async () => {
      const { world, client } = await startWithForeign();
      for (let visit = 0; visit < 3; visit++) await world.visit(client, ({ session }) => Object.keys(session));
      for (const name of NAMES) {
        const lines = world.app.log.lines.filter((line) => line.includes(`reserved key "${name}"`));
        expect([name, lines.length]).toEqual([name, 1]);
      }
    });

    test('stay in the document through changes of other keys, verbs, reload() and save()', async () => {
      const { world, client, dataOf } = await startWithForeign();
      await world.visit(client, async ({ session }) => {
        session['b'] = 2;
        await session.save();
        delete session['a'];
        await session.increment('count');
        await session.reload();
        expect(Object.keys(session)).toEqual(['b', 'count']);
        session['c'] = 3;
      });
      expect(await dataOf()).toEqual({ ...foreign, b: 2, c: 3, count: 1 });
    });

    test('cost no write of a request that only reads', async () => {
      const { world, client, dataOf } = await startWithForeign();
      const before = await dataOf();
      await world.visit(client, ({ session }) => ({ ...session }));
      expect(await dataOf()).toEqual(before);
      expect(Object.keys((await dataOf())!)).toEqual(Object.keys(before!));
    });

    test('follow `keep` like all data', async () => {
      const { world, client, dataOf } = await startWithForeign({ a: 1, cart: 2 });
      await world.visit(client, ({ session }) => session.regenerate({ keep: true }));
      expect(await dataOf()).toEqual({ ...foreign, a: 1, cart: 2 });
      await world.visit(client, ({ session }) => session.regenerate({ keep: ['cart', 'userId'] }));
      expect(await dataOf()).toEqual({ cart: 2, userId: foreign['userId'] });
      await world.visit(client, ({ session }) => session.login('ada'));
      expect(await dataOf()).toEqual({});
    });

    test('keep a session alive of which all else is removed', async () => {
      const { world, client, dataOf } = await startWithForeign();
      await world.visit(client, ({ session }) => void delete session['a']);
      expect(await dataOf()).toEqual(foreign);
      await world.visit(client, ({ session }) => void (session['b'] = 2));
      expect(await dataOf()).toEqual({ ...foreign, b: 2 });
    });

    test('written in another spelling are no way around it', async () => {
      const { world, client, sessions } = await startWithForeign({ a: 1 });
      await sessions.updateOne({}, { $set: { data: { a: 1, '%75serId': 1, 'user%49d': 2, '%5F_proto__': { x: 1 } } } });
      const reply = await world.visit(client, ({ session }) => {
        session['a'] = 2;
        return { user: session.userId ?? null, keys: Object.keys(session) };
      });
      expect(JSON.parse(reply.body)).toEqual({ user: null, keys: ['a'] });
      const data = (await sessions.findOne())!['data'];
      expect(data).toEqual({ a: 2, '%75serId': 1, 'user%49d': 2, '%5F_proto__': { x: 1 } });
    });
  });
});

const RESERVED = 'SESSION_KEY_RESERVED';
