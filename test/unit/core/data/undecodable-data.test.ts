// Whether values are decoded or not makes no difference, whatever they are and whatever is done with them.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { joinElements } from '../../../../lib/core/data/bson-elements.js';
import { RESERVED_NAMES } from '../../../../lib/core/session/session.js';
import { encodeChanges } from '../../../../lib/core/data/session-encoding.js';
import { anyData, anyString, anyValue } from '../../../support/core/arbitraries.js';
import { LIMITS, codec, decode, encode } from '../../../support/core/codec.js';
import { filledWith, isUndecoded } from '../../../support/core/filled-session.js';
import { comparable } from '../../../support/core/same-data.js';

// Many runs, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

describe('of anything that a session can hold', () => {
  /** Values large enough to be put aside, beside small ones. */
  const anySession = fc
    .array(fc.tuple(anyString, anyValue, fc.boolean()), { maxLength: 8 })
    .map((entries) =>
      Object.fromEntries(entries.map(([key, value, isLarge]) => [key, isLarge ? [value, 'x'.repeat(4096)] : value])),
    )
    .map((content) => Object.fromEntries(Object.entries(content).filter(([key]) => !RESERVED_NAMES.has(key))));

  test('all of it is there, in its order', () => {
    let undecoded = 0;
    fc.assert(
      fc.property(anySession, (content) => {
        const bytes = encode(content);
        const session = filledWith(bytes);
        for (const key of Object.keys(session)) undecoded += Number(isUndecoded(session, key));
        expect(Object.keys(session)).toEqual(Object.keys(decode(bytes)));
        expect(comparable({ ...session })).toEqual(comparable(decode(bytes)));
      }),
      { numRuns: 500 },
    );
    expect(undecoded).toBeGreaterThan(200);
  });

  test('it is saved as if all had been decoded, whatever was read, set and removed', () => {
    const steps = fc.array(
      fc.record({ of: fc.nat(7), does: fc.constantFrom('read', 'set', 'delete', 'move'), value: anyValue }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(anySession, anyData, steps, (content, other, todo) => {
        const bytes = encode(content);
        const plain = decode(bytes);
        const lazy = filledWith(bytes);
        const keys = Object.keys(content);
        for (const { of, does, value } of todo) {
          const key = keys[of];
          if (key === undefined) continue;
          for (const target of [plain, lazy]) {
            // Not what is inherited, such as `constructor`.
            const present = Object.hasOwn(target, key) ? target[key] : undefined;
            if (does === 'set') target[key] = value;
            if (does === 'delete' || does === 'move') delete target[key];
            if (does === 'move') target[key] = present;
          }
        }
        // What it is compared with: what was read, or what the store is known to hold by now.
        for (const before of [bytes, encode(other), encode({ ...content, ...other }), joinElements([])]) {
          const expected = encodeChanges(codec, before, plain, LIMITS);
          const actual = encodeChanges(codec, before, lazy, LIMITS);
          expect(Buffer.compare(actual.document, expected.document)).toBe(0);
          expect(actual.diff).toEqual(expected.diff);
        }
      }),
      { numRuns: 200 },
    );
  });
});
