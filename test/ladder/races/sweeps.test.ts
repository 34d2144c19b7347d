// Two sweeps of one session that has expired, and a request of it whose process is a millisecond behind: every order of their steps.
import { describe, expect, test } from 'vitest';
import { Registration } from '../../../lib/core/request/registration.js';
import { RequestCycle } from '../../../lib/core/request/request-cycle.js';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import { type SessionEvent, type SessionStore, MemorySessionStore } from '../../../lib/index.js';
import { TestClock } from '../../../lib/testing/index.js';
import { codec } from '../../support/core/codec.js';
import { FakeExchange } from '../../support/core/fake-exchange.js';
import { testDatabase } from '../../support/http.js';
import { isProof } from '../../support/proof-out.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import type { AnySession } from './support/operations.js';
import { type Choose, drive, explore } from './support/explore.js';
import { Racer, currentRacer } from './support/racer.js';

type Store = SessionStore & Pick<MemorySessionStore, 'take' | 'findExpired'>;

const START = Date.UTC(2030, 0, 2, 3, 4, 5);
const IDLE_MS = 30 * 60_000;
/** Of the orders on MongoDB, but for the proof, which tries all. */
const SAMPLES = 60;
const POINTS = new Set(['start', 'before applied'] as const);

const database = testDatabase();
const STORES: [name: string, store: () => Store][] = [
  ['memory', () => new MemorySessionStore()],
  ['MongoDB', () => mongoStore({ db: database.db, collection: 'sweeps' }).store as unknown as Store],
];

/** Each call waits for its turn, where a race is going on. */
function stepped(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await currentRacer()?.pause('before applied');
        return Reflect.apply(method, target, args) as unknown;
      };
    },
  });
}

/** One process, with a clock of its own. */
function process(store: Store, time: number, events: SessionEvent[]): Registration {
  const clock = new TestClock(time);
  const options = resolveOptions({ store, clock, cleanup: 'sweep', idleTimeout: IDLE_MS });
  const log = { warn: (line: string) => expect.fail(line), error: (line: string) => expect.fail(line) };
  return new Registration(options, store, codec, { emit: (event) => events.push(event), log });
}

async function visit(registration: Registration, cookie: string | undefined, act: (session: AnySession) => unknown) {
  const exchange = new FakeExchange(cookie);
  const cycle = new RequestCycle(registration, exchange);
  await cycle.open();
  const result = await act(cycle.session as AnySession);
  await cycle.commit();
  return { result, cookie: exchange.cookies[0]?.split(';')[0] };
}

const REQUESTS: Record<string, (session: AnySession) => unknown> = {
  'a read that touches': (session) => ({ ...session }),
  'a write that touches': (session) => void (session['n'] = 2),
  'an increment': (session) => session.increment('n').catch(() => undefined),
};

interface Outcome {
  readonly schedule: string[];
  readonly expired: readonly SessionEvent[];
  /** What is left of it. */
  readonly left: { n: unknown } | undefined;
  /** What the increment was told. */
  readonly told: unknown;
}

/** Some orders, chosen at random. */
async function sample(run: (choose: Choose) => Promise<void>): Promise<number> {
  for (let count = 0; count < SAMPLES; count++) await run((options) => Math.floor(Math.random() * options));
  return SAMPLES;
}

/** Runs orders of two sweeps and a request. Resolves with their number. */
async function race(
  { store, orders = explore }: { store: Store; orders?: (run: (choose: Choose) => Promise<void>) => Promise<number> },
  request: string,
  check: (outcome: Outcome) => void,
): Promise<number> {
  return orders(async (choose) => {
    const setup: SessionEvent[] = [];
    const { cookie } = await visit(process(store, START, setup), undefined, (session) => void (session['n'] = 1));
    const { handle } = setup[0] as { handle: string };
    const events: SessionEvent[] = [];
    const end = START + IDLE_MS;
    const steps = stepped(store);
    let told: unknown;
    const tasks = [
      () => process(steps, end, events).sweeper!.sweep(),
      () => process(steps, end, events).sweeper!.sweep(),
      async () => void (told = (await visit(process(steps, end - 1, events), cookie, REQUESTS[request]!)).result),
    ];
    const racers = tasks.map((_, index) => new Racer(index, POINTS));
    const done = tasks.map((task, index) => racers[index]!.begin(task));
    const schedule = await drive(racers, ['sweep', 'sweep', request], 'all', choose);
    await Promise.all(done);
    const stored = await store.find(handle);
    const left = stored && { n: codec.deserialize(stored.data)['n'] };
    await store.remove(handle);
    check({ schedule, expired: events.filter(({ type }) => type === 'expired'), left, told });
  });
}

/** One event an end, with the data as last written, and a use that was acknowledged ends nothing. */
function expectOneEnd({ schedule, expired, left, told }: Outcome): void {
  const data = expired.map((event) => (event as { session?: { data?: unknown } }).session?.data);
  const expected = told === undefined || typeof told === 'object' ? expect.anything() : told;
  if (left) expect({ schedule, data }).toEqual({ schedule, data: [] });
  else expect({ schedule, data }).toEqual({ schedule, data: [{ n: expected }] });
}

describe.each(STORES)('with sessions in %s, two sweeps and', (name, storeOf) => {
  const orders = name === 'memory' || isProof ? explore : sample;

  test.each(Object.keys(REQUESTS))(
    '%s: one event at most, and no session that was used in time is removed',
    async (request) => {
      const store = storeOf();
      let survivals = 0;
      const count = await race({ store, orders }, request, (outcome) => {
        expectOneEnd(outcome);
        if (outcome.left) survivals += 1;
      });
      expect(count).toBeGreaterThanOrEqual(SAMPLES);
      // Both happen, or the race would show nothing.
      if (request !== 'an increment') expect(survivals).toBeGreaterThan(0);
      expect(survivals).toBeLessThan(count);
    },
    120_000,
  );
});

test('a claim without the expiresAt that was found removes a session that was used in time', async () => {
  const store = new MemorySessionStore();
  const careless = Object.assign(Object.create(store) as MemorySessionStore, {
    ...Object.fromEntries(
      ['find', 'insert', 'update', 'remove', 'replaceValue', 'findExpired', 'findByUser', 'handlesOf', 'describe'].map(
        (method) => [method, (store[method as 'find'] as (...args: never[]) => unknown).bind(store)],
      ),
    ),
    take: (handle: string) => store.take(handle, {}),
  });
  let wrong = 0;
  await race({ store: careless }, 'a write that touches', ({ expired, left }) => {
    const data = expired.map((event) => (event as { session?: { data?: { n: number } } }).session?.data);
    if (!left && data[0]?.n === 2) wrong += 1;
  });
  expect(wrong).toBeGreaterThan(0);
});
