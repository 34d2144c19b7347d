import type { TestRunner } from './test-runner.interface.js';
import type { SessionStore, StoredSession } from '../../core/store/session-store.interface.js';
import { ODD_KEYS, everyType, pack, plain, using, forEach, target } from './stored-sessions.js';

export function describeValues(store: SessionStore, { describe, test, expect }: TestRunner): void {
  const { insert, find, values } = using(store);

  /** What a find gives, as a core would hand it back. */
  async function present(session: StoredSession, key: string): Promise<Uint8Array | undefined> {
    const { [key]: value } = (await values(session))!;
    return value === undefined ? undefined : pack({ [key]: value });
  }

  describe('replaceValue', () => {
    test('replaces, adds and removes a value, and leaves everything else', async () => {
      const session = await insert({ epoch: 2, values: { a: 1, b: [2] }, userId: 'ada' });
      const { handle } = session;
      expect(await store.replaceValue(target(handle, 2), 'a', pack({ a: 1 }), pack({ a: { deep: 1 } }))).toBe(true);
      expect(await store.replaceValue(target(handle, 2), 'c', undefined, pack({ c: 'new' }))).toBe(true);
      expect(await store.replaceValue(target(handle, 2), 'b', pack({ b: [2] }), undefined)).toBe(true);
      expect(await values(session)).toEqual({ a: { deep: 1 }, c: 'new' });
      const { data: _, ...others } = plain(session)!;
      expect(await find(session)).toMatchObject(others);
    });

    const wrong: Record<string, [key: string, expected: Record<string, unknown> | undefined]> = {
      'another value': ['a', { a: 2 }],
      'an item of the list that it holds': ['list', { list: 1 }],
      'the same text in capitals': ['text', { text: 'ABC' }],
      'nothing, where something is': ['a', undefined],
      'something, where nothing is': ['none', { none: 1 }],
      'null, where nothing is': ['none', { none: null }],
    };
    forEach(wrong, (what, [key, expected]) =>
      test(`says false where ${what} is expected, and changes nothing`, async () => {
        const session = await insert({ values: { a: 1, list: [1, 2], text: 'abc' } });
        const given = expected && pack(expected);
        expect(await store.replaceValue(target(session.handle, 0), key, given, pack({ [key]: 'new' }))).toBe(false);
        expect(await find(session)).toEqual(plain(session));
      }),
    );

    test('says false for another epoch, and for a session that was removed', async () => {
      const session = await insert({ epoch: 1, values: { a: 1 } });
      expect(await store.replaceValue(target(session.handle, 0), 'a', pack({ a: 1 }), pack({ a: 2 }))).toBe(false);
      expect(await find(session)).toEqual(plain(session));
      await store.remove(session.handle);
      expect(await store.replaceValue(target(session.handle, 1), 'b', undefined, pack({ b: 1 }))).toBe(false);
      expect(await find(session)).toBeUndefined();
    });

    for (const key of ODD_KEYS)
      test(`takes the key ${JSON.stringify(key)} for a name`, async () => {
        const session = await insert({ values: { [key]: '$data' } });
        expect(
          await store.replaceValue(target(session.handle, 0), key, pack({ [key]: '$data' }), pack({ [key]: '$x' })),
        ).toBe(true);
        expect(await values(session)).toEqual({ [key]: '$x' });
      });

    for (const [type, value] of Object.entries(everyType()))
      test(`knows a value of the type of ${type} again`, async () => {
        const session = await insert({ values: { key: value } });
        const expected = pack({ key: value });
        expect(await store.replaceValue(target(session.handle, 0), 'key', expected, pack({ key: 'new' }))).toBe(true);
      });

    test('says false where another key has a value that must have none, and changes nothing', async () => {
      const session = await insert({ values: { a: 1, '$b c': 2 } });
      const to = target(session.handle, 0);
      expect(await store.replaceValue(to, 'd', undefined, pack({ d: 1 }), ['c', '$b c'])).toBe(false);
      expect(await find(session)).toEqual(plain(session));
      expect(await store.replaceValue(to, 'd', undefined, pack({ d: 1 }), ['c', '$b'])).toBe(true);
    });

    test('lets one of several who expect the same succeed', async () => {
      const session = await insert({ values: { a: 0 } });
      const tries = Array.from({ length: 8 }, (_, next) =>
        store.replaceValue(target(session.handle, 0), 'a', pack({ a: 0 }), pack({ a: next + 1 })),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect(await present(session, 'a')).not.toEqual(pack({ a: 0 }));
    });
  });
}
