import { SessionState } from '../../../../lib/core/session/session-state.js';
// How large a session may be, and what its developer is told when it is larger.
import { describe, expect, test, vi } from 'vitest';
import { SessionError } from '../../../../lib/core/errors.js';
import { encodeChanges } from '../../../../lib/core/data/session-encoding.js';
import { LIMITS, codec, encode } from '../../../support/core/codec.js';
import { World } from '../../../support/core/world.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

function refusal(data: object, maxSize?: number): SessionError {
  try {
    encode(data, maxSize);
  } catch (error) {
    return error as SessionError;
  }
  throw new Error('it was not refused');
}

describe('the size limit', () => {
  const data = { small: 1, large: 'hunter2'.repeat(10) };
  const size = encode(data).length;

  test('lets pass what is exactly as large, and refuses one byte more with a 413', () => {
    expect(encode(data, size)).toHaveLength(size);
    expect(refusal(data, size - 1)).toMatchObject({ code: 'SESSION_TOO_LARGE', httpStatus: 413 });
  });

  test('counts bytes, not characters', () => {
    expect(refusal({ x: '😀'.repeat(20) }, encode({ x: 'a'.repeat(20) }).length).code).toBe('SESSION_TOO_LARGE');
  });

  test('is told with the size, the limit, the largest key and the fix, and never with a value', () => {
    const { message } = refusal(data, size - 1);
    expect(message).toContain(`is ${size} bytes`);
    expect(message).toContain(`limit of ${size - 1}`);
    expect(message).toContain('"large"');
    expect(message).toMatch(/raise `maxSize`\.$/);
    expect(message).not.toContain('hunter2');
  });

  test('names the key as the program has it, not as the database escapes it', () => {
    expect(refusal({ 'a.b': 'x'.repeat(90), c: 1 }, 64).message).toContain('"a.b"');
  });

  test.each<[string, object]>([
    ['a string', { c: 1, big: 'x'.repeat(20_000_000) }],
    ['a Buffer', { c: 1, big: Buffer.alloc(20_000_000) }],
    ['an array', { c: 1, big: [Buffer.alloc(9_000_000), Buffer.alloc(9_000_000)] }],
    ['a record with an escaped key', { c: 1, big: { 'a.b': Buffer.alloc(20_000_000) } }],
    ['many keys', { big: Buffer.alloc(9_000_000), other: Buffer.alloc(8_900_000) }],
  ])('holds for %s that does not even fit into the buffer of the BSON library', (_, large) => {
    const error = refusal(large);
    expect(error).toMatchObject({ name: 'SessionError', code: 'SESSION_TOO_LARGE', httpStatus: 413 });
    // A string is cut off by the library without an error, at a size that is too large all the same.
    expect(error.message).toMatch(/(more than BSON can hold|17825794 bytes of BSON), .*; its largest key, "big", /);
    expect(error.message).toMatch(/"big", (alone is too large|has \d+)\. Keep large things/);
    expect(error.message.length).toBeLessThan(400);
  });
});

test.each<[string, unknown[]]>([
  ['as many items as no document can hold', Array.from({ length: 2_000_000 }, () => 0.5)],
  ['more holes than it has items', Object.assign([1], { length: 2 ** 32 - 1 })],
  ['holes that would take long to encode and just fit', Object.assign([1], { length: 2000 })],
])('an array with %s is refused before it is encoded, by its path', (_, big) => {
  expect(refusal({ c: 1, big })).toMatchObject({
    code: 'SESSION_TOO_LARGE',
    httpStatus: 413,
    message: expect.stringMatching(/^session\.big(\[\d+\])? brings the session's data over its limit\./),
  });
});

test('data over a limit that was lowered can be made smaller, whatever they consist of', () => {
  const items = (length: number) => ({ objects: Array.from({ length }, () => ({})), numbers: Array(length).fill(1) });
  const before = encode(items(1000));
  const limits = { ...LIMITS, maxSize: 1000 };
  expect(encodeChanges(codec, before, items(999), limits).document).toEqual(encode(items(999)));
  expect(() => encodeChanges(codec, before, items(1001), limits)).toThrow(/over its limit/);
});

test('so many keys as the limit allows are stored, and one more is refused with the fix', () => {
  const world = new World({ maxKeys: 3 });
  const { registration } = world;
  const prepare = (data: object) => () => registration.committer.prepare(new SessionState(0), data, true);
  expect(prepare({ a: 1, b: 2, c: 3, d: undefined })).not.toThrow();
  expect(prepare({ a: 1, b: 2, c: 3, d: 4 })).toThrow(
    "The session's data has 4 keys, over its limit of 3. Keep lists under one key, or raise `maxKeys`.",
  );
});
