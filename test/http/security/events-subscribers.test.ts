// Whoever listens to events can't break what they are about: what a subscriber throws is logged, and that is all.
import { filter, map } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SessionEvent, SessionEvents } from '../../../lib/index.js';
import { PLATFORMS } from '../../support/http.js';
import { startWorld } from '../../support/world.js';

const fatal: unknown[] = [];
const note = (error: unknown) => fatal.push(error);
let others: { uncaughtException: unknown[]; unhandledRejection: unknown[] };

// What would end a process must not end this one: the test run listens too, and would fail.
beforeEach(() => {
  fatal.length = 0;
  others = {
    uncaughtException: process.listeners('uncaughtException'),
    unhandledRejection: process.listeners('unhandledRejection'),
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.removeAllListeners(event);
    process.on(event, note);
  }
});

afterEach(() => {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.removeAllListeners(event);
    for (const listener of others[event]) process.on(event, listener as () => void);
  }
});

const fail = (): never => {
  throw new Error('a mistake of the subscriber');
};

// As one that writes events into a database.
const reject = (async () => fail()) as () => void;

const SUBSCRIBERS: [name: string, subscribe: (events: SessionEvents) => unknown, failures: number][] = [
  ['throws', (events) => events.subscribe(fail), 2],
  ['throws in an observer', (events) => events.subscribe({ next: fail }), 2],
  ['throws on one type', (events) => events.of('destroyed').subscribe(fail), 1],
  [
    'throws behind operators',
    (events) =>
      events
        .pipe(
          map(({ type }) => type),
          filter(Boolean),
        )
        .subscribe(fail),
    2,
  ],
  ['throws behind operators on one type', (events) => events.of('created').pipe(map(String)).subscribe(fail), 1],
  ['throws in an operator', (events) => events.pipe(map(fail)).subscribe(() => {}), 1],
  ['rejects', (events) => events.subscribe(reject), 2],
  ['rejects in an observer', (events) => events.of('created').subscribe({ next: reject }), 1],
  ['throws in its handler of errors', (events) => events.pipe(map(fail)).subscribe({ error: fail }), 1],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each(SUBSCRIBERS)(
    'a subscriber that %s breaks no request and no other subscriber',
    async (_, subscribe, failures) => {
      const world = await startWorld(platform);
      const events = world.app.nest.get(SessionEvents);
      subscribe(events);
      const later: SessionEvent[] = [];
      events.subscribe((event) => later.push(event));

      const browser = await world.browserWith();
      const reply = await world.visit(browser, ({ session }) => session.logout());
      // rxjs throws with the next timer, Node takes a promise for unhandled with the next turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await new Promise(setImmediate);

      expect(reply.status).toBe(200);
      expect(world.eventTypes()).toEqual(['created', 'destroyed']);
      expect(later).toEqual(world.events);
      expect(fatal).toEqual([]);
      const line = /^A subscriber of SessionEvents failed\. Error: a mistake of the subscriber/;
      expect(world.app.log.lines).toEqual(Array(failures).fill(expect.stringMatching(line)));
    },
  );

  test('a subscriber that has its own handler of errors keeps them', async () => {
    const world = await startWorld(platform);
    const errors: unknown[] = [];
    world.app.nest
      .get(SessionEvents)
      .pipe(map(fail))
      .subscribe({ error: (error) => errors.push(error) });
    await world.browserWith();
    expect(errors).toEqual([new Error('a mistake of the subscriber')]);
    expect(world.app.log.lines).toEqual([]);
  });

  test('who has gone hears nothing more', async () => {
    const world = await startWorld(platform);
    const events = world.app.nest.get(SessionEvents);
    const heard: string[] = [];
    const subscription = events.of('created', 'destroyed').subscribe(({ type }) => heard.push(type));
    const browser = await world.browserWith();
    subscription.unsubscribe();
    await world.visit(browser, ({ session }) => session.logout());
    expect(heard).toEqual(['created']);
  });
});
