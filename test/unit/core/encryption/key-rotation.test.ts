// Sessions that live longer than a key, or than the decision to encrypt or to hide names.
import { describe, expect, test, vi } from 'vitest';
import { refuseSealed } from '../../../../lib/core/encryption/sealed-document.js';
import { readElements } from '../../../../lib/core/data/bson-elements.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import type { SessionStore } from '../../../../lib/core/store/session-store.interface.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';
import { pack, secretChange, storedSession, unpack, target } from '../../../../lib/testing/contract/stored-sessions.js';
import { decode, encode } from '../../../support/core/codec.js';
import { encrypting, errorOf, logOf, newKey } from './support/encryption.js';

const [older, newer] = [newKey(), newKey()];
const MINUTE = 60_000;

/** One session, and the ways in which processes of different settings see it. */
async function begin(first: (inner: SessionStore) => SessionStore, values: Record<string, unknown>) {
  const inner = new MemorySessionStore();
  const session = storedSession({ values, userId: 'ada' });
  const { handle } = session;
  await first(inner).insert(session);
  return {
    inner,
    handle,
    read: async (store: SessionStore) => unpack(await store.find(handle)),
    error: (store: SessionStore) => errorOf(() => store.find(handle)),
    /** Stored name -> id of the key that its value is under; 'plain' without one. */
    stored: async () => {
      const elements = readElements((await inner.find(handle))!.data);
      return new Map(Array.from(elements, ([name, element]) => [name, keyIdOf(element)]));
    },
  };
}

function keyIdOf(element: Uint8Array): string {
  const at = Buffer.from(element).indexOf('%enc\0');
  return at < 0 ? 'plain' : Buffer.from(element.subarray(at + 11, at + 19)).toString('hex');
}

const withOlder = (inner: SessionStore) => encrypting(inner, { keys: [older] });
const withBoth = (inner: SessionStore) => encrypting(inner, { keys: [newer, older] });
const withNewer = (inner: SessionStore) => encrypting(inner, { keys: [newer] });
const hidden = (inner: SessionStore) => encrypting(inner, { keys: [older], hideKeyNames: true });
const hiddenBoth = (inner: SessionStore) => encrypting(inner, { keys: [newer, older], hideKeyNames: true });
const plain = (inner: SessionStore) => inner;

describe('a new key', () => {
  test('reads what the old one wrote, and takes over each value when it is next written', async () => {
    const { inner, handle, read, stored } = await begin(withOlder, { a: 1, b: 1 });
    const oldId = (await stored()).get('a')!;
    const store = withBoth(inner);
    expect(await read(store)).toEqual({ a: 1, b: 1 });

    await store.update(target(handle, 0), { set: pack({ a: 2 }) });

    expect(await read(store)).toEqual({ a: 2, b: 1 });
    const ids = await stored();
    expect(ids.get('b')).toBe(oldId);
    expect(ids.get('a')).not.toBe(oldId);
  });

  test('makes the old one superfluous when everything was written anew, and not before', async () => {
    const { inner, handle, read, error } = await begin(withOlder, { a: 1, b: 1 });
    await withBoth(inner).update(target(handle, 0), { set: pack({ a: 2 }) });
    expect(await error(withNewer(inner))).toMatchObject({ code: 'SESSION_UNDECODABLE', httpStatus: 500 });
    await withBoth(inner).update(target(handle, 0), { set: pack({ b: 2 }) });
    expect(await read(withNewer(inner))).toEqual({ a: 2, b: 2 });
    expect(await error(withOlder(inner))).toMatchObject({ code: 'SESSION_UNDECODABLE' });
  });

  test('that stands second everywhere before it goes first is never met unknown', async () => {
    const { inner, handle, read } = await begin(withOlder, { a: 1 });
    const prepared = encrypting(inner, { keys: [older, newer] });
    const switched = withBoth(inner);
    await switched.update(target(handle, 0), { set: pack({ a: 2 }) });
    expect(await read(prepared)).toEqual({ a: 2 });
    await prepared.update(target(handle, 0), { set: pack({ b: 3 }) });
    expect(await read(switched)).toEqual({ a: 2, b: 3 });
  });

  test('from a provider is used after `cacheFor`', async () => {
    const clock = new TestClock();
    let keys = [older];
    const { inner, handle, read, stored } = await begin(plain, {});
    const store = encrypting(inner, { keys: async () => keys, cacheFor: '1m' }, { clock });
    await store.update(target(handle, 0), { set: pack({ a: 1 }) });
    const oldId = (await stored()).get('a');
    keys = [newer, older];
    clock.advance(MINUTE - 1);
    await store.update(target(handle, 0), { set: pack({ a: 2 }) });
    expect((await stored()).get('a')).toBe(oldId);
    clock.advance(1);
    // Asks, beside; what comes after the answer has it.
    await store.update(target(handle, 0), { set: pack({ b: 1 }) });
    await store.update(target(handle, 0), { set: pack({ b: 2 }) });
    expect((await stored()).get('b')).not.toBe(oldId);
    expect(await read(store)).toEqual({ a: 2, b: 2 });
    expect(await read(withBoth(inner))).toEqual({ a: 2, b: 2 });
  });
});

describe('a provider that is down', () => {
  const down = async () => Promise.reject(new Error('down'));

  test('leaves alone what needs no key', async () => {
    const { inner, handle } = await begin(withOlder, {});
    const store = encrypting(inner, { keys: down });
    expect(await store.find(storedSession().handle)).toBeUndefined();
    expect(await store.update(target(handle, 0), { times: { lastSeenAt: 9e12, expiresAt: 9e12 } })).toBe(true);
    expect(await store.replaceSecret(target(handle, 0), secretChange({ userId: null, keep: [] }))).toBe(true);
    expect(await store.removeIfEmpty(target(handle, 1))).toBe(true);
    expect(await store.remove(handle)).toBe(false);
  });

  test('stops what needs one, and nothing is written in plain', async () => {
    const { inner, handle, stored } = await begin(withOlder, { a: 1 });
    const before = await stored();
    const store = encrypting(inner, { keys: down });
    const actions = [
      () => store.find(handle),
      () => store.insert(storedSession({ values: { a: 1 } })),
      () => store.update(target(handle, 0), { set: pack({ b: 1 }) }),
      () => store.update(target(handle, 0), { unset: ['a'] }),
      () => store.replaceSecret(target(handle, 0), secretChange({ keep: ['a'] })),
    ];
    for (const action of actions) {
      expect(await errorOf(action)).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 });
    }
    expect(await stored()).toEqual(before);
    expect(inner.size).toBe(1);
  });

  test('stops the start with `failFast` only; else one line tells', async () => {
    const inner = new MemorySessionStore();
    const strict = encrypting(inner, { keys: down }, { failFast: true });
    expect(await errorOf(() => strict.start())).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    const lenient = encrypting(inner, { keys: down });
    await lenient.start();
    expect(logOf(lenient)).toEqual([expect.stringMatching(/`encryption\.keys` has failed.*answered with 503/)]);
  });
});

describe('switching', () => {
  /** Of every setting, in the order of a life: each may follow each. */
  const settings = { plain, withOlder, withBoth, hidden, hiddenBoth };
  const readers = { withBoth, hiddenBoth };
  const pairs = Object.keys(settings).flatMap((from) => Object.keys(readers).map((to) => [from, to] as const));

  test.each(pairs)('from %s to %s leaves one copy of a value, whatever is done with it', async (from, to) => {
    const { inner, handle, read, stored } = await begin(settings[from as keyof typeof settings], { a: 1, b: 1, c: 1 });
    const store = readers[to as keyof typeof readers](inner);
    expect(await read(store)).toEqual({ a: 1, b: 1, c: 1 });
    await store.update(target(handle, 0), { set: pack({ a: 2 }), unset: ['b'] });
    expect(await read(store)).toEqual({ a: 2, c: 1 });
    expect((await stored()).size).toBe(2);
    await store.replaceSecret(target(handle, 0), secretChange({ keep: ['a', 'c'] }));
    expect(await read(store)).toEqual({ a: 2, c: 1 });
    await store.replaceSecret(target(handle, 1), secretChange({ keep: ['c'] }));
    expect(await read(store)).toEqual({ c: 1 });
    await store.update(target(handle, 2), { unset: ['c'] });
    expect((await stored()).size).toBe(0);
  });

  test('to and fro between hiding and not hiding leaves one copy', async () => {
    const { inner, handle, read, stored } = await begin(withOlder, { a: 0 });
    const stores = [hidden(inner), hiddenBoth(inner), withBoth(inner), hiddenBoth(inner), withBoth(inner)];
    for (const [n, store] of stores.entries()) {
      await store.update(target(handle, 0), { set: pack({ a: n }) });
      expect(await read(store)).toEqual({ a: n });
      expect((await stored()).size).toBe(1);
    }
  });

  const prepared = (inner: SessionStore) => encrypting(inner, { keys: [older, newer], hideKeyNames: true });

  test.each([
    ['the order of the keys', prepared, hiddenBoth],
    ['hiding', withBoth, hiddenBoth],
  ])('%s: of two processes that begin a value at the same moment, one does', async (_, one, two) => {
    for (const pair of [[one, two] as const, [two, one] as const]) {
      const { inner, handle, read, stored } = await begin(one, {});
      const stores = pair.map((setting) => setting(inner));
      const begun = stores.map((store, n) => store.replaceValue(target(handle, 0), 'a', undefined, pack({ a: n })));
      expect(await Promise.all(begun)).toEqual([true, false]);
      expect((await stored()).size).toBe(1);
      for (const store of stores) expect(await read(store)).toEqual({ a: 0 });
    }
  });

  test('encryption on encrypts what is written, and leaves the rest for later', async () => {
    const { inner, handle, read, stored } = await begin(plain, { a: 1, b: { c: 1 } });
    const store = withOlder(inner);
    await store.update(target(handle, 0), { set: pack({ a: 2 }) });
    expect(await stored()).toEqual(
      new Map([
        ['a', expect.stringMatching(/^[0-9a-f]{16}$/)],
        ['b', 'plain'],
      ]),
    );
    expect(await read(store)).toEqual({ a: 2, b: { c: 1 } });
  });

  test('encryption off by mistake does not touch what is encrypted', async () => {
    const { inner, handle } = await begin(withOlder, { a: 1 });
    const data = (await inner.find(handle))!.data;
    expect(await errorOf(() => decode(data))).toMatchObject({ code: 'SESSION_UNDECODABLE' });
    const error = await errorOf(() => refuseSealed({ handle, data }));
    expect(error).toMatchObject({ code: 'SESSION_UNDECODABLE', message: expect.stringContaining(handle) });
  });

  test('encryption off is no trouble for what is plain, percent signs or not', () => {
    for (const values of [{}, { a: 1 }, { '50%': '%enc', '%enc': { '%enc': new Uint8Array(40) } }]) {
      expect(() => refuseSealed({ handle: 'any', data: encode(values) })).not.toThrow();
    }
  });
});

test('the wrapped store is prepared and let go of', async () => {
  const calls: string[] = [];
  const inner = Object.assign(new MemorySessionStore(), {
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
  });
  const store = withOlder(inner);
  await store.start?.();
  await store.stop?.();
  expect(calls).toEqual(['start', 'stop']);
});

test('no name is to be set and removed at once, which stores need not have an answer to', async () => {
  const inner = new MemorySessionStore();
  const update = vi.spyOn(inner, 'update');
  for (const store of [withBoth(inner), hiddenBoth(inner)]) {
    await store.update(target(storedSession().handle, 0), { set: pack({ a: 1, b: 2 }), unset: ['c'] });
    const { set, unset = [] } = update.mock.lastCall![1];
    const written = [...readElements(set!).keys()];
    expect(written).toHaveLength(2);
    // Three names each: two keys' hidden ones and the plain one.
    expect(unset).toHaveLength(7);
    expect(unset.filter((name) => written.includes(name))).toEqual([]);
  }
});
