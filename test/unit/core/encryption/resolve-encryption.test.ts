import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KeyRing } from '../../../../lib/core/encryption/key-ring.js';
import { EncryptionOptions } from '../../../../lib/core/encryption/encryption-options.js';
import { resolveEncryption } from '../../../../lib/core/encryption/resolve-encryption.js';
import { openDocument, sealDocument } from '../../../../lib/core/encryption/sealed-document.js';
import { pack } from '../../../../lib/testing/contract/stored-sessions.js';
import { errorOf, newKey, printed, sealing, spellings } from './support/encryption.js';

const key = Buffer.from(newKey());
const hexKey = key.toString('hex');
const bigKey = BigInt(`0x${hexKey}`);

async function refusal(given: unknown) {
  const error = await errorOf(() => resolveEncryption(given as EncryptionOptions));
  expect(error.code).toBe('SESSION_OPTION_INVALID');
  for (const spelling of [...spellings(key), String(bigKey)]) expect(printed(error)).not.toContain(spelling);
  return error.message;
}

describe('the option `encryption`', () => {
  test('has the defaults that its class documents', () => {
    const resolved = resolveEncryption({ keys: [key] })!;
    expect(resolved).toMatchObject({ cacheFor: 300_000, hideKeyNames: false });
    expect(resolved.keys).toBeInstanceOf(KeyRing);
    expect(resolveEncryption({ keys: [key], cacheFor: '30s', hideKeyNames: true })).toMatchObject({
      cacheFor: 30_000,
      hideKeyNames: true,
    });
  });

  test('is off when it is undefined, and only then', async () => {
    expect(resolveEncryption(undefined)).toBeUndefined();
    for (const given of [null, '', false, 0, true, [], [key], hexKey]) {
      expect(await refusal(given)).toMatch(/`encryption` is .*Give an object/);
    }
  });

  test.each(['hex', 'base64', 'base64url'] as const)('takes a key as %s, and it is the same key', (encoding) => {
    const text = key.toString(encoding);
    const place = sealing({ keys: [key] });
    const document = sealDocument(place, pack({ a: 1 }));
    const { keys } = resolveEncryption({ keys: [text] })!;
    expect(openDocument({ ...place, ring: keys as KeyRing }, document)).toEqual(pack({ a: 1 }));
  });

  test('takes hexadecimal digits in capitals', async () => {
    const message = await refusal({ keys: [hexKey, hexKey.toUpperCase()] });
    expect(message).toMatch(/`encryption\.keys\[1\]`.*The same key stands before it/);
  });

  test.each([
    ['too short', key.subarray(1)],
    ['too long', Buffer.concat([key, Buffer.of(1)])],
    ['one digit short', hexKey.slice(1)],
    ['one digit too long', `${hexKey}0`],
    ['no hexadecimal number', `${hexKey.slice(1)}g`],
    ['with a line feed behind it', `${key.toString('base64')}\n`],
    ['with a line feed behind it, in the other alphabet', `${key.toString('base64url')}\n`],
    ['with a space before it', ` ${key.toString('base64')}`],
    ['with a space before it, in the other alphabet', ` ${key.toString('base64url')}`],
    ['base64 without its end', key.toString('base64').slice(0, -2)],
    ['base64 of 33 bytes', Buffer.concat([key, key.subarray(0, 1)]).toString('base64')],
    ['base64 with a last digit that no 32 bytes have', `${key.toString('base64url').slice(0, 42)}B`],
    ['padded base64 with such a digit', `${key.toString('base64').slice(0, 42)}B=`],
    ['undefined', undefined],
    ['null', null],
    ['a number', 0x1234567890],
    ['a BigInt', bigKey],
    ['an ArrayBuffer', new Uint8Array(key).buffer],
    ['an array of bytes', [...key]],
    ['an object around it', { key: hexKey }],
    ['an object that reads like one', { toString: () => hexKey }],
  ])('refuses a key that is %s', async (_, given) => {
    const message = await refusal({ keys: [newKey(), given] });
    expect(message).toMatch(/`encryption\.keys\[1\]` is .*openssl rand -base64 32/);
  });

  test.each([
    ['zeroes', new Uint8Array(32)],
    ['one digit', '7'.repeat(64)],
    ['few letters', Buffer.from('secretsecretsecretsecretsecretse')],
  ])('refuses a key of %s, which is not random', async (_, given) => {
    expect(await refusal({ keys: [given] })).toMatch(/`encryption\.keys\[0\]` is a .*It is not random/);
  });

  test('says how long a string of the wrong length is', async () => {
    expect(await refusal({ keys: [hexKey.slice(2)] })).toContain('is a string of 62 characters.');
    expect(await refusal({ keys: [key.subarray(2)] })).toContain('is a Uint8Array of 30 bytes.');
  });

  test.each([
    ['no array', hexKey],
    ['one key outside of an array', key],
    ['nothing', undefined],
    ['an empty array', []],
  ])('refuses %s as keys', async (_, keys) => {
    expect(await refusal({ keys })).toMatch(
      /option `encryption\.keys` is .* key.* `openssl rand -base64 32` makes one\.$/,
    );
  });

  test.each<[unknown, string]>([
    [null, 'null'],
    [{}, 'an instance of Object'],
    [5, 'a number'],
    [bigKey, 'a bigint'],
    [() => key, 'a function'],
  ])('says of what kind a key is that is none, and no more: %#', async (given, kind) => {
    expect(await refusal({ keys: [given] })).toContain(`\`encryption.keys[0]\` is ${kind}. A key is 32 random bytes`);
  });

  test('takes a key with eight different bytes for random, and none with fewer', async () => {
    const bytes = (different: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => index % different));
    expect(resolveEncryption({ keys: [bytes(8)] })!.keys).toBeInstanceOf(KeyRing);
    expect(await refusal({ keys: [bytes(7)] })).toContain('It is not random');
  });

  test('shows a setting that is too short for a key, and no longer one', async () => {
    expect(await refusal({ keys: [key], cacheFor: 'x'.repeat(16) })).toContain(`is "${'x'.repeat(16)}"`);
    expect(await refusal({ keys: [key], cacheFor: 'x'.repeat(17) })).toContain('is "***"');
  });

  test('refuses a hole among the keys', async () => {
    // eslint-disable-next-line no-sparse-arrays
    expect(await refusal({ keys: [key, , newKey()] })).toContain('`encryption.keys[1]` is undefined');
  });

  test('refuses the same key twice, however it is spelled', async () => {
    const message = await refusal({ keys: [key, newKey(), hexKey] });
    expect(message).toMatch(/`encryption\.keys\[2\]` is a string of 64 characters.*remove one/);
  });

  test('refuses settings that do not exist, and shows no key that was meant for another one', async () => {
    expect(await refusal({ key: hexKey })).toMatch(/`encryption\.key` .*Did you mean `encryption\.keys`\?/);
    expect(await refusal({ keys: [newKey()], secret: key })).toMatch(/There is no such option/);
    expect(await refusal(key)).toMatch(/is an instance of Buffer\. Give an object with its settings/);
    expect(await refusal({ keys: [newKey()], cacheFor: hexKey })).toMatch(/`encryption\.cacheFor`/);
    expect(await refusal({ keys: [newKey()], hideKeyNames: hexKey })).toMatch(/`encryption\.hideKeyNames`/);
    expect(await refusal({ keys: [newKey()], cacheFor: 0 })).toMatch(/`encryption\.cacheFor` is 0/);
  });

  test('is not changed, and changing a key afterwards changes nothing', () => {
    const [own, place] = [newKey(), sealing()];
    const options = Object.freeze({ keys: Object.freeze([own]) });
    const ring = resolveEncryption(options)!.keys as KeyRing;
    const document = sealDocument({ ...place, ring }, pack({ a: 1 }));
    own.fill(0);
    expect(openDocument({ ...place, ring }, document)).toEqual(pack({ a: 1 }));
  });

  test('can be printed without any key showing', () => {
    const resolved = resolveEncryption({ keys: [key, newKey()], hideKeyNames: true })!;
    sealDocument({ ...sealing(), ring: resolved.keys as KeyRing, hideKeyNames: true }, pack({ a: 1 }));
    const text = inspect(resolved, { depth: null, showHidden: true, getters: true }) + JSON.stringify(resolved);
    for (const spelling of spellings(key)) expect(text).not.toContain(spelling);
    // A Buffer is printed as pairs of digits.
    expect(text).not.toContain(inspect(key).slice(8, 30));
    expect(inspect({ key }, { depth: null })).toContain(inspect(key).slice(8, 30));
  });
});
