// Changes of one key by many requests at once, on a real MongoDB, plain and encrypted.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../lib/index.js';
import { ENCRYPTION_CASES } from '../support/encryption-cases.js';
import { testDatabase } from '../support/http.js';
import { type AnySession, startWorld } from '../support/world.js';

const codeOf = (error: unknown) => (error as { code: string }).code;

describe.each(ENCRYPTION_CASES)('changes of one key on %s, %s', (platform, kind, encryption) => {
  const { db } = testDatabase();

  /** A browser, and what its requests resolve with: one, or several at once. */
  async function start(data?: object, more?: SessionOptions) {
    const options = { db, collection: `sessions_${platform}_${kind}`, ...(encryption && { encryption }), ...more };
    const world = await startWorld(platform, options);
    const browser = data ? await world.browserWith(data) : world.client();
    const ask = (act: (session: AnySession) => unknown) => world.ask(browser, ({ session }) => act(session));
    const askAll = (times: number, act: (session: AnySession, index: number) => unknown) =>
      Promise.all(Array.from({ length: times }, (_, index) => ask((session) => act(session, index))));
    return { ask, askAll, show: () => world.dataOf(browser) as Promise<Record<string, unknown>> };
  }

  test('a counter is exact, however many requests add to it', async () => {
    const { ask, askAll, show } = await start({ seen: true });
    const sums = await askAll(20, (session) => session.increment('count'));
    expect(sums.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await ask((session) => session.increment('count', -0.5))).toBe(19.5);
    expect(await show()).toEqual({ seen: true, count: 19.5 });
  });

  test('a list gets every item, and keeps the last ones', async () => {
    const { ask, askAll, show } = await start({ seen: true });
    await askAll(5, (session, index) => session.push('list', ['abcde'[index]]));
    expect(((await show())['list'] as string[]).toSorted()).toEqual([...'abcde']);
    expect(await ask((session) => session.push('list', ['f'], { max: 2 }))).toHaveLength(2);
  });

  test('a list of the largest session there can be gets one item more', async () => {
    const maxSize = 8 * 1024 * 1024 - 16 * 1024;
    const large = 'x'.repeat(maxSize - 100);
    const { ask } = await start({ list: [large] }, { maxSize });
    const after = await ask(async (session) => (await session.push('list', ['last'])).at(-1));
    expect(after).toBe('last');
  });

  test('what is there once is taken once', async () => {
    const { askAll, show } = await start({ seen: true, gift: { what: 'bike' } });
    const taken = await askAll(6, (session) => session.take('gift'));
    expect(taken.filter((gift) => gift !== null)).toEqual([{ what: 'bike' }]);
    expect(await show()).toEqual({ seen: true });
  });

  test('of several who expect the same value, one sets it', async () => {
    const { ask, askAll, show } = await start({ seen: true, state: { a: [1] } });
    expect(await ask((session) => session.compareAndSet('state', { a: [2] }, 'x'))).toBe(false);
    const swaps = await askAll(6, (session) => session.compareAndSet('state', { a: [1] }, 'x'));
    expect(swaps.filter(Boolean)).toHaveLength(1);
    expect(await show()).toEqual({ seen: true, state: 'x' });
  });

  test('a function is called again until its result rests on what is there', async () => {
    const { askAll, show } = await start({ seen: true });
    await askAll(5, (session, index) => {
      const append = async (present: { all: number[] } = { all: [] }) => ({ all: [...present.all, index] });
      return session.update('texts', append, { retries: 100 });
    });
    expect(((await show())['texts'] as { all: number[] }).all.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });

  test('what others have added is not undone by a request that has read before', async () => {
    const { askAll, show } = await start({ seen: true });
    await askAll(8, async (session, index) => {
      await session.increment('count');
      if (index % 2) session['other'] = 1;
    });
    expect(await show()).toEqual({ seen: true, count: 8, other: 1 });
  });

  test('a session that is not stored yet is stored with the answer', async () => {
    const { ask, show } = await start();
    expect(await ask((session) => session.increment('count'))).toBe(1);
    expect(await show()).toEqual({ count: 1 });
  });

  test('a value that does not fit is refused, and stays', async () => {
    const { ask, show } = await start({ text: 'x' });
    expect(await ask((session) => session.increment('text').catch(codeOf))).toBe('SESSION_VALUE_REFUSED');
    expect(await show()).toEqual({ text: 'x' });
  });

  test('a session that has ended is not revived', async () => {
    const { ask, show } = await start();
    const code = await ask(async (session) => {
      session['a'] = 1;
      await session.save();
      await session.destroy();
      return session.increment('count').catch(codeOf);
    });
    expect([code, await show()]).toEqual(['SESSION_ENDED', {}]);
  });
});
