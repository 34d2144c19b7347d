// Keys from a provider: how often it is asked, and what happens when it fails. The clock is moved by hand.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { EncryptionKeyInput } from '../../../../lib/core/encryption/encryption-options.js';
import { KeySource } from '../../../../lib/core/encryption/key-source.js';
import { resolveEncryption } from '../../../../lib/core/encryption/resolve-encryption.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';
import { errorOf, newKey, printed, spellings } from './support/encryption.js';

const MINUTE = 60_000;
const key = newKey();

type Answer = () => Promise<readonly EncryptionKeyInput[]>;

function keySource(answer: Answer, { timeoutMs = 1000 } = {}) {
  const clock = new TestClock();
  const lines: string[] = [];
  const provider = vi.fn(answer);
  const log = { warn: (line: string) => lines.push(line) };
  const source = new KeySource(resolveEncryption({ keys: provider })!, { clock, timeoutMs, log });
  return { source, clock, lines, provider };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a provider of keys', () => {
  test('is not asked before a key is needed', () => {
    const { provider } = keySource(async () => [key]);
    expect(provider).not.toHaveBeenCalled();
  });

  test('is asked again after `cacheFor`, and not before', async () => {
    const { source, clock, provider } = keySource(async () => [key]);
    await source.current();
    clock.advance(5 * MINUTE - 1);
    await source.current();
    expect(provider).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await source.current();
    await source.upcoming();
    await source.current();
    expect(provider).toHaveBeenCalledTimes(2);
    clock.advance(5 * MINUTE);
    await source.current();
    expect(provider).toHaveBeenCalledTimes(3);
  });

  test('is asked once by many who wait together, at first and later', async () => {
    const { source, clock, provider } = keySource(async () => [key]);
    const first = await Promise.all(Array.from({ length: 50 }, () => source.current()));
    expect(new Set(first).size).toBe(1);
    expect(provider).toHaveBeenCalledTimes(1);
    clock.advance(5 * MINUTE);
    const later = await Promise.all(Array.from({ length: 50 }, () => source.current()));
    expect(provider).toHaveBeenCalledTimes(2);
    expect(new Set(later)).toEqual(new Set([first[0]]));
    const upcoming = await Promise.all(Array.from({ length: 50 }, () => source.upcoming()));
    expect(new Set(upcoming).size).toBe(1);
    expect(upcoming[0]).not.toBe(first[0]);
    expect(await source.current()).toBe(upcoming[0]);
  });

  test('gives new keys to everybody who asks after the refresh', async () => {
    let keys = [key];
    const { source, clock } = keySource(async () => keys);
    const before = await source.current();
    const newer = newKey();
    keys = [newer, key];
    expect((await source.current()).newest).toBe(before.newest);
    clock.advance(5 * MINUTE);
    expect(await source.current()).toBe(before);
    await source.upcoming();
    const after = await source.current();
    expect(after.newest.id).not.toEqual(before.newest.id);
    expect(after.find(before.newest.id)).toBeDefined();
  });

  test('is asked again when the clock was set back', async () => {
    const { source, clock, provider } = keySource(async () => [key]);
    await source.current();
    clock.advance(-1);
    await source.current();
    expect(provider).toHaveBeenCalledTimes(2);
  });

  test('that fails at first makes sessions unavailable, until it answers', async () => {
    let isDown = true;
    const { source, provider, lines } = keySource(async () => {
      if (isDown) throw new Error('no route');
      return [key];
    });
    const errors = await Promise.all(Array.from({ length: 3 }, () => errorOf(() => source.current())));
    expect(provider).toHaveBeenCalledTimes(1);
    expect(errors[0]).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 });
    expect(await errorOf(() => source.current())).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    expect(provider).toHaveBeenCalledTimes(2);
    isDown = false;
    expect((await source.current()).newest).toBeDefined();
    expect(lines).toEqual([]);
  });

  test('that fails later leaves the keys of before in use, with one line in the log for each failure', async () => {
    let isDown = false;
    const { source, clock, provider, lines } = keySource(async () => {
      if (isDown) throw Object.assign(new RangeError('no route'), { code: 'EHOSTUNREACH' });
      return [key];
    });
    const before = await source.current();
    isDown = true;
    clock.advance(5 * MINUTE);
    expect(await Promise.all([source.current(), source.current(), source.current()])).toEqual([before, before, before]);
    expect(await source.upcoming()).toBe(before);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/`encryption\.keys` has failed: RangeError EHOSTUNREACH.*the keys of before are used/);
    clock.advance(5 * MINUTE - 1);
    await source.current();
    expect(provider).toHaveBeenCalledTimes(2);
    clock.advance(1);
    await source.current();
    await source.upcoming();
    expect(lines).toHaveLength(2);
    isDown = false;
    clock.advance(5 * MINUTE);
    await source.current();
    expect(await source.upcoming()).not.toBe(before);
    expect(lines).toHaveLength(2);
  });

  test('that throws at once, before it has a promise, has failed like any other', async () => {
    const { source } = keySource(() => {
      throw new TypeError('x');
    });
    expect(await errorOf(() => source.current())).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  });

  test('that does not answer in time has failed, and what it says later is ignored', async () => {
    vi.useFakeTimers();
    let answer: (keys: Uint8Array[]) => void = () => {};
    const { source, clock, lines, provider } = keySource(() => new Promise((resolve) => (answer = resolve)));
    const failure = errorOf(() => source.current());
    await vi.advanceTimersByTimeAsync(999);
    expect(provider).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failure).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
    expect((await failure).message).toContain('has not answered within 1000 ms');
    answer([newKey()]);

    const asked = source.current();
    answer([key]);
    const ring = await asked;
    clock.advance(5 * MINUTE);
    const refreshed = source.current();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await refreshed).toBe(ring);
    expect(lines).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that answers leaves no timer behind, which would hold up the end of the process', async () => {
    vi.useFakeTimers();
    const { source } = keySource(async () => [key]);
    await source.current();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that answers with what is no array of keys has failed', async () => {
    for (const answer of [undefined, [], 'key', [key.subarray(1)], [key, key]]) {
      const { source } = keySource(async () => answer as never);
      const error = await errorOf(() => source.current());
      expect(error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
      expect(error.message).toContain('`encryption.keys()');
    }
  });

  test('whose error or answer holds parts of a key shows none of them', async () => {
    const text = Buffer.from(key).toString('hex');
    const parts = spellings(key);
    const failures: Answer[] = [
      async () => {
        throw new Error(`Unexpected token in ${text}`, { cause: text });
      },
      async () => Promise.reject(text),
      async () => [`${text}\n`],
      async () =>
        Object.defineProperty([key], 0, {
          get: () => {
            throw new Error(`Unexpected token in ${text}`);
          },
        }),
    ];
    for (const failure of failures) {
      let answer: Answer = failure;
      const { source, clock, lines } = keySource(() => answer());
      const error = await errorOf(() => source.current());
      answer = async () => [newKey()];
      await source.current();
      answer = failure;
      clock.advance(5 * MINUTE);
      await source.current();
      await source.upcoming();
      expect(lines).toHaveLength(1);
      for (const part of parts) expect(printed(error) + lines[0]).not.toContain(part);
    }
  });
});
