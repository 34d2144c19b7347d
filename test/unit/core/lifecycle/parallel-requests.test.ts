// Requests of one session at the same time: each keeps what it changed, and none overwrites what it did not.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visitWith, World } from '../../../support/core/world.js';

describe('two requests at the same time', () => {
  test('that change different keys both keep their change', async () => {
    const { world, browser } = await visitWith({ kept: 0 });
    const [one, other] = [await browser.begin(), await browser.begin()];
    one.session['a'] = 1;
    other.session['b'] = 2;
    delete other.session['kept'];
    await Promise.all([one.end(), other.end()]);
    expect(await world.stored(browser.handle)).toEqual({ a: 1, b: 2 });
  });

  test('that change the same key leave one of both, whole', async () => {
    const { world, browser } = await visitWith({ cart: {} });
    const [one, other] = [await browser.begin(), await browser.begin()];
    one.session['cart'] = { x: 1, by: 'one' };
    other.session['cart'] = { y: 2, by: 'other' };
    await one.end();
    await other.end();
    expect(await world.stored(browser.handle)).toEqual({ cart: { y: 2, by: 'other' } });
  });

  test('of which one only reads: the reader writes nothing back', async () => {
    const { world, browser } = await visitWith({ n: 1 });
    const reader = await browser.begin();
    expect(reader.session['n']).toBe(1);
    await browser.visit((session) => (session['n'] = 2));
    await reader.end();
    expect(await world.stored(browser.handle)).toEqual({ n: 2 });
  });

  test('send only the keys that they changed', async () => {
    const { world, browser } = await visitWith({ big: 'x'.repeat(10_000), n: 1 });
    const visit = await browser.begin();
    visit.session['n'] = 2;
    await visit.cycle.commit();
    const [, change] = world.store.arguments.at(-1) as [unknown, { set: Uint8Array; unset?: string[] }];
    expect(change.set.length).toBeLessThan(20);
    expect(change.unset).toBeUndefined();
  });

  test('of which both begin the first session of a browser get one each', async () => {
    const world = new World();
    const browser = world.browser();
    const [one, other] = [await browser.begin(), await browser.begin()];
    one.session['a'] = 1;
    other.session['b'] = 2;
    await Promise.all([one.end(), other.end()]);
    expect(one.session.handle).not.toBe(other.session.handle);
    expect(world.store.memory.size).toBe(2);
  });

  test('in any number and order merge key by key', async () => {
    const change = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.nat(), { nil: undefined }), {
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: 6 }), async (changes) => {
        const world = new World();
        const start = { a: -1, b: -1, fixed: true };
        const browser = await world.browserWith(start);
        const visits = await Promise.all(changes.map(() => browser.begin()));
        let expected: Record<string, unknown> = { ...start };
        for (const [index, visit] of visits.entries()) {
          for (const [key, value] of Object.entries(changes[index]!)) {
            const isChange = visit.session[key] !== value;
            if (value === undefined) delete visit.session[key];
            else visit.session[key] = value;
            if (isChange) expected = { ...expected, [key]: value };
          }
          await visit.end();
        }
        const left = Object.entries(expected).filter(([, value]) => value !== undefined);
        expect(await world.stored(browser.handle)).toEqual(Object.fromEntries(left));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a write that comes too late', () => {
  async function late(onInterrupted?: 'drop' | 'throw') {
    const { world, browser } = await visitWith({ a: 1 }, onInterrupted ? { onInterrupted } : {});
    const slow = await browser.begin();
    slow.session['a'] = 2;
    await browser.visit((session) => session.destroy());
    return { world, slow, handle: slow.session.handle };
  }

  test('is dropped without an error by default, and told as one event', async () => {
    const { world, slow, handle } = await late();
    const answer = await slow.end();
    expect(answer.cookies).toEqual([]);
    expect(world.events.at(-1)).toEqual({ type: 'interrupted', handle, name: 'default', at: world.clock.now() });
    expect(world.eventTypes).toEqual(['destroyed', 'interrupted']);
    expect(world.errors).toEqual([]);
  });

  test("is a 409 with onInterrupted: 'throw', and the error's own answer can leave then", async () => {
    const { world, slow } = await late('throw');
    await expect(slow.cycle.commit()).rejects.toMatchObject({ status: 409, cause: { code: 'SESSION_INTERRUPTED' } });
    expect(slow.cycle.commit()).toBeUndefined();
    expect(slow.exchange.cookies).toEqual([]);
    expect(world.eventTypes).toEqual(['destroyed', 'interrupted']);
  });

  test("rejects save() with onInterrupted: 'throw', once", async () => {
    const { world, slow } = await late('throw');
    await expect(slow.session.save()).rejects.toMatchObject({ status: 409 });
    slow.session['b'] = 1;
    await slow.end();
    expect(world.eventTypes).toEqual(['destroyed', 'interrupted']);
    expect(world.store.memory.size).toBe(0);
  });

  test('of which the request knows is followed by none: it asks the store no more', async () => {
    const { world, slow } = await late();
    await expect(slow.session.save()).rejects.toMatchObject({ status: 409 });
    world.store.takeCalls();
    slow.session['b'] = 1;
    await expect(slow.session.touch()).rejects.toMatchObject({ status: 409 });
    await slow.end();
    expect(world.store.takeCalls()).toEqual([]);
  });

  test('by a reader is no write, and no event', async () => {
    const { world, browser } = await visitWith({ a: 1 }, { onInterrupted: 'throw' });
    const slow = await browser.begin();
    expect(slow.session['a']).toBe(1);
    await browser.visit((session) => session.destroy());
    world.clock.advance(600_000);
    await slow.end();
    expect(world.eventTypes).toEqual(['destroyed']);
  });
});
