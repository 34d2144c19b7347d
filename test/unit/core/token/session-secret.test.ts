// The token's secret: what is stored of it, and how it is compared.
import * as crypto from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { SecretHasher, createSecret } from '../../../../lib/core/token/session-token.js';

vi.mock('node:crypto', { spy: true });

describe('a secret', () => {
  const secret = createSecret();
  const hasher = new SecretHasher('default');

  test('matches its hash, and with any bit flipped matches no more', () => {
    const stored = hasher.hash(secret);
    expect(hasher.matches(secret, stored)).toBe(true);
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Uint8Array.from(secret);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(hasher.matches(flipped, stored)).toBe(false);
    }
  });

  test('is stored as the SHA-256 of registration and secret, and nothing else', () => {
    const expected = crypto.createHash('sha256').update('default\0').update(secret).digest('hex');
    expect(Buffer.from(hasher.hash(secret)).toString('hex')).toBe(expected);
  });

  test('matches no hash of another length, and does not throw on one', () => {
    for (const length of [0, 1, 31, 33, 64]) expect(hasher.matches(secret, new Uint8Array(length))).toBe(false);
  });

  test('is compared in constant time, as two hashes', () => {
    const compare = vi.mocked(crypto.timingSafeEqual).mockClear();
    hasher.matches(secret, hasher.hash(createSecret()));
    expect(compare).toHaveBeenCalledOnce();
    expect(compare.mock.calls[0]!.map((side) => side.byteLength)).toEqual([32, 32]);
  });
});
