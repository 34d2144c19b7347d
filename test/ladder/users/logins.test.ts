// Every order in which logins of one user can meet, and revocations with them: what must hold at any moment, and afterwards.
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { testDatabase } from '../../support/http.js';
import { isProof, writeProof } from '../../support/proof-out.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import type { ActorName } from './support/actors.js';
import { type Plan, runUserRaces, settingsOf, unseated } from './support/matrix.js';
import { VIOLATIONS } from './support/user-race.js';

const TEN_MINUTES = 600_000;
const inMemory = () => new MemorySessionStore();

const measured: object[] = [];
afterAll(() => writeProof('user-races', { isComplete: isProof, invariants: Object.values(VIOLATIONS), measured }));

async function tryAll(name: string, where: string, plan: Plan): Promise<void> {
  const begin = performance.now();
  const { tried, failures } = await runUserRaces(plan);
  const milliseconds = Math.round(performance.now() - begin);
  measured.push({ name, where, interleavings: tried, passed: tried - failures.size, milliseconds });
  console.log(`${name}, ${where}: ${tried} interleavings tried, ${failures.size} failures, in ${milliseconds} ms`);
  expect([...failures].slice(0, 5)).toEqual([]);
  expect(tried).toBeGreaterThan(plan.races.length);
}

const LOGINS: (readonly ActorName[])[] = [
  ['a login', 'a login'],
  ['a login', 'a login in a session of nobody'],
  ['a login', 'a login again'],
  ['a login', 'a login without a limit'],
];
const TRIPLES: (readonly ActorName[])[] = [
  ['a login', 'a login', 'a login'],
  ['a login', 'a login again', 'a login in a session of nobody'],
  ['a login', 'a login without a limit', 'a login again'],
];
const VICTIMS: (readonly ActorName[])[] = [
  ['a login', 'a logout'],
  ['a login', 'a touch'],
  ['a login', 'a regenerate that keeps nothing'],
];
const BACK: readonly ActorName[] = ['a login', 'a login as another and back'];
const REVOCATIONS: (readonly ActorName[])[] = [
  ['a login', 'revokeAll'],
  ['a login in a session of nobody', 'revokeAll'],
  ['a login without a limit', 'revokeAll'],
  ['a login without a limit', 'revokeEverybody'],
  ['a login again', 'revoke'],
  ['a login again', 'revokeOthers'],
  ['a login', 'revokeOthers'],
  ['revoke', 'revokeAll'],
  ['revokeAll', 'revokeOthers'],
];

describe('logins of one user', () => {
  test('of two at the same time, in every order', { timeout: TEN_MINUTES }, () =>
    tryAll('two logins', 'in memory', {
      store: inMemory,
      settings: isProof ? settingsOf([1, 2, 3]) : settingsOf([1], ['endIdlest']),
      races: isProof ? LOGINS : LOGINS.slice(2),
    }),
  );

  test('of two at the same time, by each policy, in orders chosen by chance', { timeout: TEN_MINUTES }, () =>
    tryAll('two logins, by chance', 'in memory', {
      store: inMemory,
      settings: settingsOf([1, 2, 3]),
      races: LOGINS,
      samples: isProof ? 300 : 20,
    }),
  );

  test('of two whose user has sessions older than the limit', { timeout: TEN_MINUTES }, () =>
    tryAll('two logins, before anybody has counted', 'in memory', {
      store: inMemory,
      settings: unseated(settingsOf([1, 2], ['endIdlest', 'refuse'])),
      races: LOGINS,
      samples: isProof ? 500 : 40,
    }),
  );

  test(
    'of two, one in a session that was another user in between, in orders chosen by chance',
    { timeout: TEN_MINUTES },
    () =>
      tryAll('a login as another and back', 'in memory', {
        store: inMemory,
        settings: settingsOf([1, 2], ['endIdlest', 'refuse']),
        races: [BACK],
        samples: isProof ? 1000 : 100,
      }),
  );

  test('while the session that would end is used or logged out, in every order', { timeout: TEN_MINUTES }, () =>
    tryAll('a login and its victim', 'in memory', {
      store: inMemory,
      settings: settingsOf([1, 2], ['endIdlest', 'endOldest']),
      races: VICTIMS,
    }),
  );

  test('of three at the same time, in orders chosen by chance', { timeout: TEN_MINUTES }, () =>
    tryAll('three logins', 'in memory', {
      store: inMemory,
      settings: [...settingsOf([1, 2, 3]), ...unseated(settingsOf([2], ['endIdlest']))],
      races: TRIPLES,
      samples: isProof ? 300 : 25,
    }),
  );

  test('where the limit was lowered, or raised', { timeout: TEN_MINUTES }, () =>
    tryAll('two logins, after another limit', 'in memory', {
      store: inMemory,
      settings: [
        { limit: 2, policy: 'endIdlest', before: 4, isSeated: true },
        { limit: 3, policy: 'endOldest', before: 1, isSeated: true },
      ],
      races: LOGINS.slice(0, 2),
      samples: isProof ? 500 : 60,
    }),
  );

  test('on MongoDB, in orders chosen by chance', { timeout: TEN_MINUTES }, () =>
    tryAll('logins and revocations', 'on MongoDB', {
      store: inMongo,
      settings: [...settingsOf([2]), ...unseated(settingsOf([2], ['endIdlest']))],
      races: [...LOGINS, ...TRIPLES, ...REVOCATIONS.filter((names) => !names.includes('revokeEverybody'))],
      samples: isProof ? 20 : 1,
    }),
  );
});

describe('revocations', () => {
  test('of a user whose logins are in flight, in every order', { timeout: TEN_MINUTES }, () =>
    tryAll('a login and a revocation', 'in memory', {
      store: inMemory,
      settings: [{ limit: 2, policy: 'endIdlest', before: 1, isSeated: true }],
      races: REVOCATIONS,
      ...(!isProof && { samples: 60 }),
    }),
  );

  test('of a user whose sessions are older than the limit, in orders chosen by chance', { timeout: TEN_MINUTES }, () =>
    tryAll('a login and a revocation, before anybody has counted', 'in memory', {
      store: inMemory,
      settings: [{ limit: 2, policy: 'refuse', before: 1, isSeated: false }],
      races: REVOCATIONS,
      samples: isProof ? 500 : 60,
    }),
  );
});

describe('a process that is killed', () => {
  test.each(Array.from({ length: 7 }, (_, at) => at))(
    'before its call number %d leaves never one session more, and no seat is lost for good',
    { timeout: TEN_MINUTES },
    (at) =>
      tryAll(`a login killed before call ${at}`, 'in memory', {
        store: inMemory,
        settings: [...settingsOf([1, 2]), ...unseated(settingsOf([2], ['endIdlest']))],
        races: LOGINS.slice(0, 3),
        crash: { index: 0, at },
        samples: isProof ? 60 : 5,
      }),
  );
});

const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
const { store } = mongoStore({ db, collection: 'sessions' });
const inMongo = () => store as ReturnType<Plan['store']>;
