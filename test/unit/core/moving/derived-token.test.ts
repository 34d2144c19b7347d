import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import mongoose from 'mongoose';
import { TokenDerivation, idOfValues } from '../../../../lib/core/moving/derived-token.js';
import { formatToken, isHandle } from '../../../../lib/core/token/session-token.js';

const { Long, ObjectId } = mongoose.mongo;
const key = (text: string) => createSecretKey(Buffer.from(text));
const derivation = (secret = 'keyboard cat', registration = 'default', source = 'sessions') =>
  new TokenDerivation(key(secret), registration, source);

describe('TokenDerivation', () => {
  test('comes to the same token for the same session, and never changes', () => {
    const token = derivation().tokenOf('the id');
    expect(formatToken(token)).toBe(formatToken(derivation().tokenOf('the id')));
    expect([isHandle(token.handle), token.secret.length]).toEqual([true, 32]);
    // Deployed processes of two versions have to agree.
    expect(formatToken(token)).toBe('vQpGCYUJcvTLcf5tcMO8kwdusU8bueMkIWesQ07AXalm250qaeYFi7t0p30');
  });

  test('gives another token for another secret, registration, source or id', () => {
    const id = 'the id';
    const tokens = [
      derivation().tokenOf(id),
      derivation('another').tokenOf(id),
      derivation('keyboard cat', 'admin').tokenOf(id),
      derivation('keyboard cat', 'default', 'old').tokenOf(id),
      derivation().tokenOf('another id'),
      // The same bytes, but for the borders between the parts.
      derivation('keyboard cat', 'defaults', 'essions').tokenOf(id),
      { handle: derivation().markerOf(id), secret: new Uint8Array(32) },
    ];
    expect(new Set(tokens.map(({ handle }) => handle)).size).toBe(tokens.length);
    expect(new Set(tokens.map(({ secret }) => Buffer.from(secret).toString('hex'))).size).toBe(tokens.length);
  });

  test('takes ids of any BSON type, as the database compares them', () => {
    const [one, long, text, id] = [1, Long.fromNumber(1), '1', new ObjectId()].map((each) =>
      derivation().tokenOf(each),
    );
    expect(one!.handle).toBe(long!.handle);
    expect(new Set([one, text, id].map((token) => token!.handle)).size).toBe(3);
  });
});

test('idOfValues tells lists of values apart by their borders', () => {
  const ids = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', '']].map(idOfValues);
  expect(new Set(ids).size).toBe(4);
});
