// What a request hears, and still sees, whose session has ended elsewhere.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type AnySession, type Handle, startWorld } from '../security/support/world.js';

const database = testDatabase();

type Verb = (session: AnySession) => Promise<unknown>;

const VERBS: Readonly<Record<string, Verb>> = {
  'save()': (session) => {
    session['a'] = 2;
    return session.save();
  },
  'touch()': (session) => session.touch(),
  'increment()': (session) => session.increment('n'),
  'push()': (session) => session.push('list', [1]),
  'take()': (session) => session.take('a'),
  'compareAndSet()': (session) => session.compareAndSet('a', 1, 2),
  'update()': (session) => session.update('a', () => 2),
  'regenerate() that keeps': (session) => session.regenerate({ keep: true }),
  'login() that keeps': (session) => session.login('ada', { keep: ['a'] }),
  'reload()': (session) => session.reload(),
};

const ENDS: Readonly<Record<string, Handle>> = {
  'logout()': ({ session }) => session.logout(),
  'a login()': ({ session }) => session.login('eve'),
};

const STORES: Readonly<Record<string, SessionOptions>> = {
  'in MongoDB': { db: database.db, collection: 'sessions' },
  'in memory': {},
};

const codeOf = (error: unknown) => (error as { code?: string }).code;
const failureOf = (verb: Verb, session: AnySession) => verb(session).then(() => 'resolved', codeOf);

function expectedOf(name: string): string {
  return name === 'reload()' ? 'SESSION_ENDED' : 'SESSION_INTERRUPTED';
}

describe.each(PLATFORMS)('B8: a session that has ended elsewhere, on %s', (platform) => {
  describe.each(Object.entries(STORES))('%s', (_, options) => {
    describe.each(Object.entries(ENDS))('by %s', (__, end) => {
      test.each(Object.entries(VERBS))('%s rejects, and leaves an object without data and user', async (name, verb) => {
        const world = await startWorld(platform, options);
        const browser = await world.browserOf('ada');
        await world.visit(browser, ({ session }) => void Object.assign(session, { a: 1, n: 1 }));
        let seen: unknown;
        const slow = await world.begin(browser.clone(), async ({ session }) => {
          const first = await failureOf(verb, session);
          const { userId, amr, authenticatedAt, isNew } = session;
          const others: Record<string, unknown> = {};
          for (const [other, again] of Object.entries(VERBS)) others[other] = await failureOf(again, session);
          seen = { first, others, data: { ...session }, userId, amr, authenticatedAt, isNew };
        });
        await world.visit(browser, end);
        world.events.length = 0;

        const reply = await slow.end();

        expect(seen).toEqual({
          first: expectedOf(name),
          others: Object.fromEntries(Object.keys(VERBS).map((other) => [other, expectedOf(other)])),
          data: {},
          ...{ userId: undefined, amr: undefined, authenticatedAt: undefined, isNew: false },
        });
        expect([reply.status, reply.cookies]).toEqual([200, []]);
        expect(world.eventTypes()).toEqual(name === 'reload()' ? [] : ['interrupted']);
        expect(world.app.log.lines).toEqual([]);
      });
    });
  });

  test.each([
    ['drop', 200],
    ['throw', 409],
  ] as const)("is for onInterrupted: '%s' to answer where nobody has asked: %i", async (onInterrupted, status) => {
    const world = await startWorld(platform, { onInterrupted });
    const browser = await world.browserOf('ada');
    const late: unknown[] = [];
    const slow = await world.begin(browser.clone(), ({ session, response }) => {
      session['a'] = 2;
      const raw = ('raw' in response ? response.raw : response) as { on(event: 'close', listener: () => void): void };
      raw.on('close', () => late.push(session.userId, { ...session }));
    });
    await world.visit(browser, ({ session }) => session.logout());
    expect((await slow.end()).status).toBe(status);
    await expect.poll(() => late).toEqual([undefined, {}]);
  });

  test('can still be ended, also when it has got another token', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserOf('ada');
    const slow = await world.begin(browser.clone(), async ({ session }) => {
      await session.touch().catch(() => {});
      await session.logout();
    });
    await world.visit(browser, ({ session }) => session.login('ada'));
    expect((await slow.end()).status).toBe(200);
    expect(await world.isAlive(browser)).toBe(false);
  });

  test('can be followed by another session', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserOf('ada');
    const twin = browser.clone();
    const slow = await world.begin(twin, async ({ session }) => {
      await session.touch().catch(() => {});
      await session.login('eve');
    });
    await world.visit(browser, ({ session }) => session.logout());
    await slow.end();
    const reply = await world.visit(twin, ({ session }) => session.userId);
    expect(reply.body).toBe('eve');
  });
});
