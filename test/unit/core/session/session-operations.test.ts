// The verbs of a session: each a promise, or a callback for older libraries, and none can end the process.
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FrameworkError } from '../../../support/core/fake-exchange.js';
import { type AnySession, World } from '../../../support/core/world.js';

type Verb = 'save' | 'reload' | 'touch' | 'destroy' | 'regenerate' | 'logout';
const verbs: Verb[] = ['save', 'reload', 'touch', 'destroy', 'regenerate', 'logout'];

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await turn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** A session with data and a change that is not saved yet. */
async function changedSession(world = new World()) {
  const browser = await world.browserWith({ a: 1 });
  const visit = await browser.begin();
  visit.session['a'] = 2;
  world.store.takeCalls();
  return { world, browser, visit, session: visit.session };
}

function failAll({ store }: World): void {
  store.fail('find', 'insert', 'update', 'replaceSecret', 'removeIfEmpty', 'remove');
}

const called = (session: AnySession, verb: Verb) =>
  new Promise<unknown[]>((resolve) => {
    expect(session[verb]((...args: unknown[]) => resolve(args))).toBeUndefined();
  });

describe.each(verbs)('%s', (verb) => {
  test('returns a promise that resolves to nothing when it is done', async () => {
    const { session, world } = await changedSession();
    const promise = session[verb]();
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBeUndefined();
    expect(world.store.takeCalls()).toHaveLength(1);
  });

  test('calls a callback with nothing when it is done, and returns nothing', async () => {
    const { session, world } = await changedSession();
    expect(await called(session, verb)).toEqual([]);
    expect(world.store.takeCalls()).toHaveLength(1);
  });

  test('rejects with the error of the framework when the database is away', async () => {
    const { session, world } = await changedSession();
    failAll(world);
    await expect(session[verb]()).rejects.toMatchObject({ status: 503, cause: { code: 'SESSION_STORE_UNAVAILABLE' } });
  });

  test('calls a callback with that error', async () => {
    const { session, world } = await changedSession();
    failAll(world);
    const [error] = await called(session, verb);
    expect(error).toBeInstanceOf(FrameworkError);
  });

  test('that nobody waits for is finished before the answer leaves', async () => {
    const { visit, world } = await changedSession();
    void visit.session[verb]();
    await visit.end();
    expect(world.store.takeCalls().length).toBeGreaterThanOrEqual(1);
    expect(visit.cycle.commit()).toBeUndefined();
  });

  test('that fails and that nobody waits for ends no process, and is in the log', async () => {
    const { visit, world } = await changedSession();
    failAll(world);
    void visit.session[verb]();
    visit.session[verb](() => {});
    await visit.cycle.commit()?.catch(() => {});
    await turn();
    expect(world.errors[0]).toContain('The database is away.');
  });

  test('waits for what was asked for before it', async () => {
    const { session, world } = await changedSession();
    const release = world.store.hold('update');
    const done: string[] = [];
    const save = session.save().then(() => done.push('save'));
    const then = session[verb]().then(() => done.push(verb));
    await turn();
    expect(world.store.calls).toEqual(['update']);
    release();
    await Promise.all([save, then]);
    expect(done).toEqual(['save', verb]);
  });

  test('is not stopped by the failure of what was asked for before it', async () => {
    const { session, world } = await changedSession();
    world.store.fail('update');
    const save = session.save();
    const then = session[verb]();
    if (verb !== 'save' && verb !== 'touch') await expect(then).resolves.toBeUndefined();
    await expect(save).rejects.toThrow(FrameworkError);
    await then.catch(() => {});
  });
});

describe('a callback that throws', () => {
  test('throws to its own caller, and does not turn the success into a failure', async () => {
    const { session } = await changedSession();
    const errors: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => errors.push(error));
    let calls = 0;
    session.save(() => {
      calls += 1;
      throw new Error('of the callback');
    });
    await turn();
    await turn();
    for (const listener of others) process.on('uncaughtException', listener);
    expect(errors).toEqual([new Error('of the callback')]);
    expect(calls).toBe(1);
  });
});

describe('save', () => {
  test('writes what has changed so far, and the end of the request only what changed after it', async () => {
    const { visit, world } = await changedSession();
    await visit.session.save();
    visit.session['b'] = 1;
    await visit.end();
    expect(world.store.takeCalls()).toEqual(['update', 'update']);
    expect(await world.stored(visit.session.handle)).toEqual({ a: 2, b: 1 });
  });

  test('of nothing changed writes nothing', async () => {
    const { visit, world } = await changedSession();
    visit.session['a'] = 1;
    await visit.session.save();
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('of a value that can not be stored rejects, and leaves the session usable', async () => {
    const { visit, world } = await changedSession();
    visit.session['bad'] = () => {};
    await expect(visit.session.save()).rejects.toMatchObject({ cause: { code: 'SESSION_VALUE_REFUSED' } });
    delete visit.session['bad'];
    await visit.session.save();
    expect(await world.stored(visit.session.handle)).toEqual({ a: 2 });
  });
});

describe('reload', () => {
  test('reads the session again and drops what was not saved', async () => {
    const { session, browser } = await changedSession();
    await browser.visit((other) => (other['b'] = 1));
    session['c'] = 1;
    await session.reload();
    expect({ ...session }).toEqual({ a: 1, b: 1 });
  });

  test('of a session that is not stored, has ended, expired or got a new token rejects with a 409', async () => {
    const world = new World();
    const ended = { status: 409, cause: { code: 'SESSION_ENDED' } };
    const fresh = (await world.browser().begin()).session;
    await expect(fresh.reload()).rejects.toMatchObject(ended);
    const ways: ((other: AnySession) => unknown)[] = [
      (other) => other.destroy(),
      (other) => other.regenerate({ keep: true }),
      () => world.clock.advance(1_800_000),
    ];
    for (const end of ways) {
      const browser = await world.browserWith({ a: 1 });
      const { session } = await browser.begin();
      await end((await browser.begin()).session);
      await expect(session.reload()).rejects.toMatchObject(ended);
    }
  });
});
