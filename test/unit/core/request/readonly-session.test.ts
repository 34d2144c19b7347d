// A request that looks at its session only, as with @ReadonlySession().
import { describe, expect, test } from 'vitest';
import { MINUTE, visitWith, World } from '../../../support/core/world.js';

describe('RequestCycle.makeReadonly()', () => {
  test('refuses assignments and methods that write, and the response saves nothing', async () => {
    const { world, browser } = await visitWith({ a: 1, list: [1] });
    const visit = await browser.begin();
    await visit.cycle.makeReadonly();
    const { session } = visit;
    expect(() => (session['a'] = 2)).toThrow(TypeError);
    expect(() => (session['list'] as number[]).push(2)).toThrow(TypeError);
    await expect(session.increment('a')).rejects.toMatchObject({ code: 'SESSION_READ_ONLY' });
    await visit.end();
    expect(visit.cycle.hasUnsavedChanges).toBe(false);
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('is no use of the session: it neither prolongs it nor renews its token', async () => {
    const { world, browser } = await visitWith({ a: 1 }, { renewAfter: '1m' });
    const before = (await world.store.stored(browser.handle))!;
    world.clock.advance(20 * MINUTE);
    const visit = await browser.begin();
    await visit.cycle.makeReadonly();
    const { cookies } = await visit.end();
    expect(cookies).toEqual([]);
    expect((await world.store.stored(browser.handle))!.expiresAt).toBe(before.expiresAt);
  });

  test('saves what was changed before, and sends the cookie of a session that begins with it', async () => {
    const world = new World();
    const browser = world.browser();
    const visit = await browser.begin();
    visit.session['a'] = 1;
    await visit.cycle.makeReadonly();
    expect({ ...visit.session }).toEqual({ a: 1 });
    expect((await visit.end()).cookies).toHaveLength(1);
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });

  test('keeps the objects that the handler holds as they are, because the values are decoded again', async () => {
    const { browser } = await visitWith({ list: [1] });
    const visit = await browser.begin();
    const list = visit.session['list'] as number[];
    await visit.cycle.makeReadonly();
    list.push(2);
    expect(visit.session['list']).toEqual([1]);
  });

  test('works more than once', async () => {
    const { browser } = await visitWith({ list: [1] });
    const visit = await browser.begin();
    await visit.cycle.makeReadonly();
    const list = visit.session['list'];
    await visit.cycle.makeReadonly();
    expect(visit.session['list']).toBe(list);
  });

  test('rejects if the session could not be read', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    world.store.fail('find');
    const visit = await browser.begin();
    await expect(visit.cycle.makeReadonly()).rejects.toMatchObject({ status: 503 });
  });

  test('rejects if what was changed before could not be saved', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    visit.session['a'] = 2;
    world.store.fail('update');
    await expect(visit.cycle.makeReadonly()).rejects.toMatchObject({ status: 503 });
  });

  test('lets the login in flight send its token', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    const visit = await browser.begin();
    void visit.session.login('ada', { keep: true });
    await visit.cycle.makeReadonly();
    expect((await visit.end()).cookies).toHaveLength(1);
    expect(visit.session.userId).toBe('ada');
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });
});
