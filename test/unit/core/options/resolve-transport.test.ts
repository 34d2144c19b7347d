// Signing keys and the token's header: what is too weak or means something else already stops the start.
import { describe, expect, test } from 'vitest';
import { resolveSecrets, resolveTransport } from '../../../../lib/core/options/resolve-transport.js';
import { refusalOf } from '../../../support/core/refusal.js';

const refusal = (attempt: () => unknown) => refusalOf('SESSION_OPTION_INVALID', attempt);

describe('secrets', () => {
  test('are their bytes, text by its UTF-8, in the order in which they were given', () => {
    const bytes = new Uint8Array(16).fill(7);
    const [text, copy] = resolveSecrets(['ä'.repeat(32), bytes]);
    expect(text!.export().toString('utf8')).toBe('ä'.repeat(32));
    expect(copy!.export()).toEqual(Buffer.from(bytes));
    expect(resolveSecrets([])).toEqual([]);
  });

  test('do not change with the array of bytes that was given', () => {
    const bytes = new Uint8Array(16).fill(7);
    const [key] = resolveSecrets([bytes]);
    bytes.fill(0);
    expect(key!.export()).toEqual(Buffer.alloc(16, 7));
  });

  test.each([
    ['a text of 31 characters', 'k'.repeat(31)],
    ['no text', ''],
    ['15 bytes', new Uint8Array(15)],
    ['no bytes', new Uint8Array()],
  ])('may not be %s: too short to be safe', (_, secret) => {
    const message = refusal(() => resolveSecrets(['a'.repeat(32), secret]));
    expect(message).toContain('`secrets[1]` is "too short to be safe". Give 32 characters or 16 random bytes at least');
    expect(message).toContain('openssl rand -base64 32');
    expect(message).not.toContain('kkk');
  });

  test.each([[5], [null], [undefined], [{}], [['a'.repeat(32)]], [Symbol('key')]])('may not be %s', (secret) => {
    expect(refusal(() => resolveSecrets([secret]))).toContain('`secrets[0]` is "neither text nor bytes". Give 32');
  });

  test.each(['a'.repeat(40), new Uint8Array(32), { 0: 'a'.repeat(40), length: 1 }, null, undefined])(
    'stand in an array, of which nothing is shown: %#',
    (given) => {
      const message = refusal(() => resolveSecrets(given));
      expect(message).toMatch(/`secrets` is "no array"\. Give an array of keys, the newest first\.$/);
    },
  );
});

describe('transport', () => {
  test('by cookie has no header', () => {
    expect(resolveTransport('cookie')).toBeUndefined();
  });

  test.each([
    ['X-Session-Token', 'x-session-token'],
    ['t', 't'],
    ["a!#$%&'*+.^_`|~-9", "a!#$%&'*+.^_`|~-9"],
    ['h'.repeat(100), 'h'.repeat(100)],
  ])('by the header %s is by its name in lower case', (header, name) => {
    expect(resolveTransport({ header })).toBe(name);
  });

  test.each([
    ...['', 'h'.repeat(101), 'a b', ' x-token', 'x-token ', 'x:token', 'x-tökn', 'x-token\r\n', 'a,b', '"x"'],
    ...['Cookie', 'set-cookie', 'HOST', 'connection', 'Content-Length', 'transfer-encoding'],
    ...[undefined, null, 5, ['x-token']],
  ])('can not be the header %j', (header) => {
    const message = refusal(() => resolveTransport({ header }));
    expect(message).toContain('option `transport.header` is ');
    expect(message).toContain("Give the name of a header of your own, such as 'x-session-token'.");
  });

  test.each(['header', 'x-token', null, true, ['cookie'], undefined])('is a cookie or a header, not %j', (given) => {
    expect(refusal(() => resolveTransport(given))).toMatch(/option `transport` is .* Give an object with its settings/);
  });

  test('knows no other setting', () => {
    expect(refusal(() => resolveTransport({ header: 'x-token', prefix: 'Bearer' }))).toMatch(
      /`transport\.prefix` is given\. There is no such option\. Known options: transport\.header\./,
    );
  });
});
