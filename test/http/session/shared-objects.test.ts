// `session[a][b] = value` with names of a request: whatever the names are, it changes that session's own data and nothing that
// other sessions have too.
import { inspect, promisify } from 'node:util';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { BaseSession } from '../../../lib/core/session/session.js';
import { type AnySession, startWith, startWorld } from '../../support/world.js';
import { PLATFORMS } from '../../support/http.js';
import { called, startFaced } from '../faces/support/faced.js';

const { ObjectId, UUID, Long, Decimal128, BSON } = mongoose.mongo;
const { EJSON } = BSON;

type Objects = Set<object>;

/** Every name that leads on from an object, its own and inherited ones. */
function namesOf(target: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at) as object | null)
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return [...names];
}

/** What a name leads to; nothing where reading it throws, as `caller` of a function does. */
function follow(target: object, name: string): unknown {
  try {
    return (target as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** All objects that so many names lead to. */
function reachable(from: object, names: number, found: Objects = new Set()): Objects {
  found.add(from);
  if (names === 0) return found;
  for (const name of namesOf(from)) {
    const next = follow(from, name);
    if (isObject(next) && !found.has(next)) reachable(next, names - 1, found);
  }
  return found;
}

/** What every program has: the reach of a plain object, functions, dates and so on. */
const LANGUAGE = [{}, () => 1, async () => 1, function () {}, new Date(), [], new Map(), Buffer.alloc(1)];
const language = (names: number): Objects => {
  const found: Objects = new Set();
  for (const each of LANGUAGE) for (const object of reachable(each, names)) found.add(object);
  return found;
};

/** A session that is stored, belongs to somebody, is permanent and has data: every member has a value. */
async function fill(session: AnySession): Promise<void> {
  await session.login('ada', { amr: ['pwd'] });
  Object.assign(session, { cart: { items: [1] }, permanent: 1000 });
}

describe.each(PLATFORMS)('A6: what sessions share on %s', (platform) => {
  test('is frozen, wherever three names lead', async () => {
    const world = await startWorld(platform);
    const sessions: AnySession[] = [];
    for (const client of [world.client(), world.client()]) {
      await world.visit(client, ({ session }) => fill(session));
      await world.visit(client, ({ session }) => void sessions.push(session));
    }
    const [first, second] = sessions.map((session) => reachable(session, 3)) as [Objects, Objects];
    const everywhere = language(4);
    const shared = [...first].filter((object) => second.has(object) && !everywhere.has(object));
    expect(shared).toContain(follow(sessions[0]!, 'save'));
    expect(shared.filter((object) => !Object.isFrozen(object))).toEqual([]);
    // Not to be reached by a name, but shared.
    const { prototype } = BaseSession;
    const members = Object.values(Object.getOwnPropertyDescriptors(prototype));
    const hidden = members.flatMap((member) => Object.values(member) as unknown[]);
    const cookie = Object.getPrototypeOf(sessions[0]!.cookie) as object;
    for (const object of [BaseSession, prototype, cookie, sessions[0]!.cookie, ...hidden.filter(isObject)])
      expect(Object.isFrozen(object)).toBe(true);
  });

  test('stays as it is, whatever two names are assigned to', async () => {
    const world = await startWorld(platform);
    const client = world.client();
    await world.visit(client, ({ session }) => fill(session));
    const everywhere = language(2);
    const describeShared = () =>
      [BaseSession, BaseSession.prototype].map((object) =>
        inspect(object, { showHidden: true, depth: 5, getters: false }),
      );
    const before = describeShared();
    let attempts = 0;
    await world.visit(client, ({ session }) => {
      for (const outer of namesOf(session)) {
        const target = follow(session, outer);
        // What is the language's own, such as `toString`, any object leads to.
        if (!isObject(target) || everywhere.has(target)) continue;
        for (const inner of [...namesOf(target), ...namesOf(() => 1), 'polluted', '0']) {
          attempts++;
          // As sloppy code does it: without a word where it can't be done.
          try {
            Reflect.set(target, inner, 'polluted');
          } catch {
            continue;
          }
        }
      }
    });
    expect(attempts).toBeGreaterThan(200);
    expect(describeShared()).toEqual(before);
    for (const other of [world.client(), await world.browserOf('bob')]) {
      const reply = await world.visit(other, async ({ session }) => {
        session['a'] = 1;
        await session.save();
        return { user: session.userId ?? null, isNew: session.isNew, maxAge: session.cookie.maxAge };
      });
      expect(JSON.parse(reply.body)).toEqual({ user: expect.toBeOneOf([null, 'bob']), isNew: false, maxAge: null });
    }
  });

  test.each([
    ['constructor', 'prototype'],
    ['constructor', 'polluted'],
    ['__proto__', 'polluted'],
    ['save', 'polluted'],
    ['save', '__proto__'],
    ['save', 'constructor'],
    ['increment', 'name'],
    ['cookie', 'polluted'],
    ['cookie', '__proto__'],
    ['cookie', 'constructor'],
  ])('is not reached by session.%s.%s of a request', async (outer, inner) => {
    const world = await startWorld(platform);
    const set = world.route(({ session, request: { query } }) => {
      (session as unknown as Record<string, Record<string, unknown>>)[query['a']!]![query['b']!] = 'polluted';
    });
    const client = await world.browserWith({ a: 1 });
    expect((await client.get(`${set}?a=${outer}&b=${inner}`)).status).toBe(500);
    expect(await world.dataOf(client)).toEqual({ a: 1 });
    const look = world.route(({ session, request: { query } }) => {
      const target = follow(session, query['a']!);
      return { seen: isObject(target) ? String(follow(target, query['b']!)) : 'nothing' };
    });
    for (const other of [client, await world.browserWith({ b: 1 })])
      expect((await other.get(`${look}?a=${outer}&b=${inner}`)).body).not.toContain('polluted');
  });

  test('does not lead to any class', async () => {
    const world = await startWorld(platform);
    await world.visit(world.client(), ({ session }) => {
      for (const object of [session, session.cookie, follow(session, 'save'), follow(session, 'increment')])
        expect([follow(object as object, 'constructor'), follow(object as object, '__proto__')]).toEqual([
          undefined,
          undefined,
        ]);
    });
  });

  test.each([new ObjectId(), new UUID(), Long.fromString('1152921504606846977'), Decimal128.fromString('1.5')])(
    'are copies of a user id: nothing set on %s makes the request another user',
    async (id) => {
      const world = await startWorld(platform);
      const client = world.client();
      await world.visit(client, ({ session }) => session.login(id));
      const reply = await world.visit(client, async ({ session }) => {
        for (const name of [...namesOf(session.userId as object), '0'])
          try {
            Reflect.set(session.userId as object, name, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
          } catch {
            continue;
          }
        const bytes = (session.userId as { buffer?: Uint8Array }).buffer;
        bytes?.fill(1);
        await session.login(session.userId!);
        return { id: EJSON.stringify(session.userId), isSame: session.userId!.constructor === id.constructor };
      });
      expect(JSON.parse(reply.body)).toEqual({ id: EJSON.stringify(id), isSame: true });
    },
  );

  test('works as before for who binds, calls, promisifies or prints it', async () => {
    const { world, browser: client } = await startWith(platform);
    const reply = await world.visit(client, async ({ session }) => {
      await session.touch.call<AnySession, [], Promise<void>>(session);
      await session.save.bind(session)();
      await promisify(session.save.bind(session) as (done: (error?: unknown) => void) => void)();
      return {
        sum: await session.increment.apply(session, ['n', 2]),
        isInstance: session instanceof BaseSession,
        printed: inspect(session),
        method: inspect(follow(session, 'save')),
      };
    });
    expect(JSON.parse(reply.body)).toEqual({
      sum: 2,
      isInstance: true,
      printed: '{ a: 1, n: 2 }',
      method: '[Function: save]',
    });
  });

  test('leaves `constructor` a key of data like any other', async () => {
    const { world, browser: client } = await startWith(platform);
    await world.visit(client, ({ session }) => void Object.assign(session, { constructor: { name: 'x' } }));
    expect(await world.dataOf(client)).toEqual({ a: 1, constructor: { name: 'x' } });
  });
});

describe.each(PLATFORMS)('A6: request.sessionStore on %s', (platform) => {
  test('two names of a request change nothing of it that other requests see', async () => {
    const world = await startFaced(platform);
    const names = ['__proto__', 'constructor', 'get', 'destroy', 'length', 'set', 'on', 'prototype', 'call', 'mark'];
    const browser = await world.browserWith({ a: 1 });
    await world.ask(browser, ({ sessionStore }) => {
      const nested = sessionStore as unknown as Record<string, Record<string, unknown>>;
      for (const [one, two] of names.flatMap((each) => names.map((other) => [each, other] as const)))
        attempt(() => (nested[one]![two] = 'changed'));
    });
    const seen = await world.ask(browser, async ({ sessionStore, sessionID }) => {
      const marks = names.map((name) => (sessionStore[name] as { mark?: unknown } | undefined)?.mark ?? null);
      const [error, data] = await called((done) => sessionStore['get']!(sessionID, done));
      return [marks.filter(Boolean), error, (data as { a: unknown }).a];
    });
    expect(seen).toEqual([[], null, 1]);
  });
});

function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // Refused, as it should be.
  }
}
