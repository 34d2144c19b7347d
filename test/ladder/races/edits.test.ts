// Every order in which edit() can meet another edit(), a logout, a login and an atomic operation.
import { describe, expect, test } from 'vitest';
import { JobSessions } from '../../../lib/core/request/job-sessions.js';
import { MemorySessionStore } from '../../../lib/index.js';
import { decode } from '../../support/core/codec.js';
import { Browser, registrationOn } from '../../support/core/world.js';
import { explore, drive } from './support/explore.js';
import { NAME, clock, probeOf } from './support/in-process.js';
import type { AnySession } from './support/operations.js';
import { POINTS, Racer } from './support/racer.js';
import { steppedStore } from './support/stepped.store.js';

type Change = (session: AnySession, by: number) => unknown;

const edit = (change: Change) => ({ kind: 'edit' as const, change });
const request = (change: Change) => ({ kind: 'request' as const, change });

const ACTS = {
  'edit a': edit((session, by) => void (session['a'] = by)),
  'edit b': edit((session, by) => void (session['b'] = by)),
  'edit that increments': edit((session) => session.increment('n')),
  'edit that destroys': edit((session) => session.destroy()),
  logout: request((session) => session.logout()),
  login: request((session) => session.login('ada')),
  'login keep': request((session) => session.login('ada', { keep: true })),
  increment: request((session) => session.increment('n')),
  push: request((session) => session.push('list', ['x'])),
};
type Act = keyof typeof ACTS;

interface Left {
  /** What each has resolved with. */
  readonly results: unknown[];
  readonly data: Record<string, unknown> | undefined;
  readonly user: unknown;
}

/** One race, of processes that share the store only, in one order of their steps. */
async function race(names: readonly Act[], choose: (options: number) => number): Promise<Left & { order: string }> {
  const store = new MemorySessionStore();
  const stepped = steppedStore(store);
  const token = await probeOf(store).seed({ a: 'first', n: 1 });
  const handle = Buffer.from(token, 'base64url').toString('hex', 0, 12);
  const racers = names.map((_, index) => new Racer(index, POINTS.distinct));
  const tasks = racers.map((racer, index) =>
    racer.begin(async () => {
      const { kind, change } = ACTS[names[index]!];
      const registration = registrationOn(stepped, clock);
      if (kind === 'edit') {
        const jobs = new JobSessions(registration, (error) => error);
        results[index] = await jobs.edit(handle, (session) => change(session as AnySession, index) as void, {});
      } else {
        const visit = await new Browser({ registration }, `${NAME}=${token}`).begin();
        results[index] = await visit.respond((session) => racer.perform(() => change(session, index)));
      }
    }),
  );
  const results: unknown[] = [];
  const ends = Promise.all(tasks);
  ends.catch(() => {});
  const order = (await drive(racers, names, 'distinct', choose)).join(', ');
  await ends;
  const stored = await store.find(handle);
  return { results, data: stored && decode(stored.data), user: stored?.userId, order };
}

/** What must hold, whatever the order. */
const RACES: [Act, Act, (left: Left) => void][] = [
  ['edit a', 'edit b', ({ results, data }) => expect([results, data]).toEqual([[true, true], { a: 0, b: 1, n: 1 }])],
  [
    'edit a',
    'edit a',
    ({ results, data }) => expect([results, [0, 1].includes(data!['a'] as number)]).toEqual([[true, true], true]),
  ],
  [
    'edit that increments',
    'edit that increments',
    ({ results, data }) => expect([results, data!['n']]).toEqual([[true, true], 3]),
  ],
  ['edit that increments', 'increment', ({ results, data }) => expect([results, data!['n']]).toEqual([[true, 200], 3])],
  ['edit a', 'increment', ({ results, data }) => expect([results, data]).toEqual([[true, 200], { a: 0, n: 2 }])],
  [
    'edit a',
    'push',
    ({ results, data }) => expect([results, data]).toEqual([[true, 200], { a: 0, n: 1, list: ['x'] }]),
  ],
  ['edit a', 'logout', ({ results, data }) => expect([results[1], data]).toEqual([200, undefined])],
  ['edit that destroys', 'logout', ({ results, data }) => expect([results[1], data]).toEqual([200, undefined])],
  ['edit that destroys', 'edit a', ({ results, data }) => expect([results[0], data]).toEqual([true, undefined])],
  ['edit that destroys', 'increment', ({ results, data }) => expect([results[0], data]).toEqual([true, undefined])],
  [
    'edit a',
    'login keep',
    ({ results, data, user }) => expect([results, data, user]).toEqual([[true, 200], { a: 0, n: 1 }, 'ada']),
  ],
  [
    'edit a',
    'login',
    ({ results, data, user }) => {
      expect([results, user]).toEqual([[true, 200], 'ada']);
      expect([{}, { a: 0 }]).toContainEqual(data);
    },
  ],
];

describe('edit() in every order', () => {
  test.each(RACES)('%s and %s', async (one, other, check) => {
    const seen = new Set<string>();
    const tried = await explore(async (choose) => {
      const { order, ...left } = await race([one, other], choose);
      try {
        check(left);
      } catch (error) {
        throw new Error(`${order}: ${JSON.stringify(left)}`, { cause: error });
      }
      seen.add(JSON.stringify(left));
    });
    expect(tried).toBeGreaterThan(2);
  });
});
