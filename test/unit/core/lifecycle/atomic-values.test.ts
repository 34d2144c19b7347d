// Changes of one key at once: exact whatever parallel requests do, also those of another process.
import { describe, expect, test } from 'vitest';
import { anotherProcess, errorOf, overtaken } from '../../../support/core/processes.js';
import { visitWith, World } from '../../../support/core/world.js';

const refused = (message: RegExp) => ({ code: 'SESSION_VALUE_REFUSED', message: expect.stringMatching(message) });

describe('increment', () => {
  test('adds 1, or what it is told, to what is there, and to 0 where nothing is', async () => {
    const { world, browser } = await visitWith({ n: 5 });
    await browser.visit(async (session) => {
      expect([await session.increment('n'), session['n']]).toEqual([6, 6]);
      expect(await session.increment('n', -2.5)).toBe(3.5);
      expect(await session.increment('new')).toBe(1);
      expect(await world.stored(session.handle)).toEqual({ n: 3.5, new: 1 });
    });
    expect(world.store.takeCalls()).toEqual(['find', 'replaceValue', 'replaceValue', 'replaceValue']);
  });

  test('counts on what another process has made of it meanwhile', async () => {
    const { world, browser, visit, session } = await overtaken();
    expect([await session.increment('n'), session['n']]).toEqual([3, 3]);
    expect(world.store.takeCalls()).toEqual(['replaceValue', 'find', 'replaceValue']);
    await visit.end();
    expect(world.store.takeCalls()).toEqual([]);
    expect(await world.stored(browser.handle)).toEqual({ n: 3 });
  });

  test('of one session wait for each other in one process: no try is in vain', async () => {
    const { world, browser } = await visitWith({ n: 0 });
    const visits = await Promise.all(Array.from({ length: 5 }, () => browser.begin()));
    const sums = await Promise.all(visits.map(({ session }) => session.increment('n')));
    expect(sums).toEqual([1, 2, 3, 4, 5]);
    for (const visit of visits) await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ n: 5 });
  });

  test.each([NaN, Infinity, '1' as unknown as number, null as unknown as number])('by %s is refused', async (by) => {
    const browser = await new World().browserWith({ n: 1 });
    await browser.visit(async (session) => {
      const error = await session.increment('n', by).catch((reason: unknown) => reason);
      expect(error).toMatchObject(refused(/^increment\(\): session\["n"\] is to be changed .* Give a number\.$/));
    });
  });

  test('of what is no number is refused, and leaves it', async () => {
    const { world, browser } = await visitWith({ n: '1' });
    await browser.visit(async (session) => {
      expect(await errorOf(session.increment('n'))).toMatchObject(
        refused(/^increment\(\): session\["n"\] holds no number\. Use another key, or `update\(\)`\.$/),
      );
    });
    expect(await world.stored(browser.handle)).toEqual({ n: '1' });
  });
});

describe('push', () => {
  test('appends to a list, of which the last items stay', async () => {
    const { world, browser } = await visitWith({ other: 1 });
    await browser.visit(async (session) => {
      expect(await session.push('list', ['a', 'b'])).toEqual(['a', 'b']);
      expect(await session.push('list', [{ c: 1 }])).toEqual(['a', 'b', { c: 1 }]);
      expect(await session.push('list', ['d', 'e'], { max: 2 })).toEqual(['d', 'e']);
      expect(await session.push('list', [], { max: 1 })).toEqual(['e']);
    });
    expect(await world.stored(browser.handle)).toEqual({ other: 1, list: ['e'] });
  });

  test.each([
    [['a'], 0, /whole number above 0/],
    [['a'], -1, /whole number above 0/],
    [['a'], 1.5, /whole number above 0 of items\. Give `max` such a number\.$/],
    [
      'a' as unknown as string[],
      1,
      /^push\(\): session\["list"\] is to get items that are no array\. Give an array\.$/,
    ],
  ])('of %j with max %s is refused', async (items, max, message) => {
    const browser = await new World().browserWith({ a: 1 });
    await browser.visit(async (session) => {
      const error = await session.push('list', items, { max }).catch((reason: unknown) => reason);
      expect(error).toMatchObject(refused(message));
    });
  });

  test('to what is no list is refused', async () => {
    const browser = await new World().browserWith({ list: { length: 0 } });
    await browser.visit(async (session) => {
      expect(await errorOf(session.push('list', ['a']))).toMatchObject(
        refused(/^push\(\): .* holds no array\. Use another/),
      );
    });
  });
});

describe('take', () => {
  test('removes what is there, and resolves with it once', async () => {
    const { world, browser } = await visitWith({ gift: { what: 'bike' }, a: 1 });
    await browser.visit(async (session) => {
      expect(await session.take('gift')).toEqual({ what: 'bike' });
      expect('gift' in session).toBe(false);
      expect(await session.take('gift')).toBeUndefined();
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 1 });
  });

  test('gets nothing where another process was quicker', async () => {
    const { world, visit, session } = await overtaken({ n: 1, a: 1 }, (it) => it.take('n'));
    expect(await session.take('n')).toBeUndefined();
    expect('n' in session).toBe(false);
    // Nothing is written to take away what is not there.
    expect(world.store.takeCalls()).toEqual(['replaceValue', 'find']);
    await visit.end();
  });
});

describe('compareAndSet', () => {
  test('compares what is stored, by its value, and sets it or leaves it', async () => {
    const { world, browser } = await visitWith({ state: { a: [1, null] } });
    await browser.visit(async (session) => {
      expect(await session.compareAndSet('state', { a: [1] }, 'x')).toBe(false);
      expect(session['state']).toEqual({ a: [1, null] });
      expect(await session.compareAndSet('state', { a: [1, null] }, 'x')).toBe(true);
      expect(await session.compareAndSet('new', undefined, 1)).toBe(true);
      expect(await session.compareAndSet('new', undefined, 2)).toBe(false);
      expect(await session.compareAndSet('new', 1, undefined)).toBe(true);
    });
    expect(await world.stored(browser.handle)).toEqual({ state: 'x' });
  });

  test('asks the store before it says no, for what this request knows may be old', async () => {
    const { visit, session } = await overtaken();
    expect(await session.compareAndSet('n', 2, 7)).toBe(true);
    await visit.end();
  });

  test('shows what another process has made of it, and does not undo it', async () => {
    const { world, browser, visit, session } = await overtaken({ n: 1, a: 1 });
    expect([await session.compareAndSet('n', 9, 7), session['n']]).toEqual([false, 2]);
    session['a'] = 2;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual({ n: 2, a: 2 });
  });
});

describe('update', () => {
  test('sets what the function makes of the value, of which it gets a copy', async () => {
    const { world, browser } = await visitWith({ list: [1] });
    await browser.visit(async (session) => {
      const add = async (present: number[] = []) => [...present, present.push(0)];
      expect(await session.update('list', add)).toEqual([1, 2]);
      expect(await session.update('other', add)).toEqual([1]);
    });
    expect(await world.stored(browser.handle)).toEqual({ list: [1, 2], other: [1] });
  });

  test.each([
    [undefined, 11],
    [0, 1],
    [2, 3],
  ])('with retries %s calls it %i times, and gives up', async (retries, calls) => {
    const { world, browser } = await visitWith({ n: 0 });
    const other = anotherProcess(world);
    await browser.visit(async (session) => {
      let called = 0;
      const change = async (present = 0) => {
        called += 1;
        await other.browser(browser.cookie).visit((it) => it.increment('n'));
        return present;
      };
      const error = await session
        .update('n', change, retries === undefined ? {} : { retries })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'SESSION_CONTENDED', httpStatus: 409 });
      expect((error as Error).message).toMatch(/^session\["n"\] was changed by others .* allow more `retries`\.$/);
      expect(called).toBe(calls);
    });
  });
});
