// What a request knows of its session while it responds: changes that are not saved, and tokens that are still to come.
import { describe, expect, test } from 'vitest';
import { type AnySession, visitWith, World } from '../../../support/core/world.js';

describe('RequestCycle.hasUnsavedChanges', () => {
  test('is false as long as nobody changes the session', async () => {
    const { browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
    void visit.session['a'];
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
    expect((await new World().browser().begin()).cycle.hasUnsavedChanges).toBe(false);
  });

  test.each([
    ['stored', () => new World().browserWith({ a: 1 })],
    ['new', async () => new World().browser()],
  ])('is true from a change of a %s session until it is saved', async (_, make) => {
    const visit = await (await make()).begin();
    visit.session['a'] = 2;
    expect(visit.cycle.hasUnsavedChanges).toBe(true);
    await visit.cycle.commit();
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
    visit.session['a'] = 3;
    expect(visit.cycle.hasUnsavedChanges).toBe(true);
  });

  test('is false while an operation is in flight, because the response waits for that', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    const release = world.store.hold('update');
    visit.session['a'] = 2;
    const saved = visit.session.save();
    visit.session['a'] = 3;
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
    release();
    await saved;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ a: 3 });
  });

  test('is false after a commit that has failed, because that is logged', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.session['a'] = 2;
    world.store.fail('update');
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 503 });
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
  });

  test('is false after a warning that the cookie could not be sent', async () => {
    const visit = await new World({ cookie: { secure: true } }).browser().begin();
    visit.exchange.secure = false;
    visit.session['a'] = 1;
    await visit.cycle.commit();
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
  });
});

describe('RequestCycle.hasTokenComing', () => {
  test('is false where there is nothing in flight', async () => {
    const visit = await new World().browser().begin();
    expect(visit.cycle.hasTokenComing).toBe(false);
    visit.session['a'] = 1;
    expect(visit.cycle.hasTokenComing).toBe(false);
  });

  test.each<[string, boolean, (session: AnySession) => Promise<void>]>([
    ['login() is', true, (session) => session.login('ada')],
    ['regenerate() is', true, (session) => session.regenerate()],
    ['save() is', false, (session) => session.save()],
    ['logout() is', false, (session) => session.logout()],
  ])('says whether a token is to come while %s in flight on a stored session: %s', async (_, isComing, act) => {
    const { browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    const done = act(visit.session);
    expect(visit.cycle.hasTokenComing).toBe(isComing);
    await done;
    await visit.end();
    expect(visit.cycle.hasTokenComing).toBe(false);
  });

  test('is true while save() is in flight on a new session', async () => {
    const visit = await new World().browser().begin();
    visit.session['a'] = 1;
    const saved = visit.session.save();
    expect(visit.cycle.hasTokenComing).toBe(true);
    await saved;
    expect((await visit.end()).cookies).toHaveLength(1);
  });
});

describe('RequestCycle.commit()', () => {
  test('does not go on for ever with a value that is another one each time it is read', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    let reads = 1;
    Object.defineProperty(visit.session, 'a', { enumerable: true, get: () => (reads += 1) });
    for (let commit = visit.cycle.commit(); commit; commit = visit.cycle.commit()) await commit;
    expect(world.store.takeCalls()).toEqual(['find', ...Array<string>(4).fill('update')]);
  });

  test('waits for all operations in flight, and for what was set meanwhile', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    void visit.session.increment('a');
    void visit.session.increment('a');
    visit.session['b'] = 1;
    await visit.cycle.commit();
    expect(await world.stored(browser.handle)).toEqual({ a: 3, b: 1 });
  });

  test('saves no new session and says nothing when its client is gone', async () => {
    const world = new World();
    const visit = await world.browser().begin();
    visit.session['a'] = 1;
    visit.exchange.isClientGone = true;
    expect(visit.cycle.commit()).toBeUndefined();
    expect([world.store.takeCalls(), world.errors, world.warnings]).toEqual([[], [], []]);
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
  });

  test('saves what a client that is gone has changed in a stored session', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.session['a'] = 2;
    visit.exchange.isClientGone = true;
    await visit.cycle.commit();
    expect(await world.stored(browser.handle)).toEqual({ a: 2 });
  });

  test.each([
    ['refused', (): unknown => () => {}],
    [
      'throws',
      () => {
        throw new Error('of the program');
      },
    ],
  ])('logs a value that is %s also when the client is gone', async (_, get) => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    Object.defineProperty(visit.session, 'a', { enumerable: true, get });
    visit.exchange.isClientGone = true;
    await expect(visit.cycle.commit()).rejects.toMatchObject({ status: 500 });
    expect(world.errors).toHaveLength(1);
  });
});
