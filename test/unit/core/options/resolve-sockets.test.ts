// The option sockets: whether they close, and whose pages may open them.
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';

const resolve = (given: object) => resolveOptions({ collection: 'sessions', ...given });

describe('sockets', () => {
  test.each([
    [undefined, { close: true, mustClose: false, origins: [] }],
    [{}, { close: true, mustClose: false, origins: [] }],
    [{ close: true }, { close: true, mustClose: true, origins: [] }],
    [{ close: false }, { close: false, mustClose: false, origins: [] }],
    [
      { origins: ['HTTPS://App.example.com:443', 'http://localhost:3000', 'Capacitor://localhost'] },
      {
        close: true,
        mustClose: false,
        origins: ['https://app.example.com', 'http://localhost:3000', 'capacitor://localhost'],
      },
    ],
  ])('%j stands for %j', (sockets, resolved) => {
    expect(resolve({ sockets }).sockets).toEqual(resolved);
  });

  test.each<[option: string, given: object, fix: RegExp]>([
    ['sockets', { sockets: true }, /an object/],
    ['sockets.closed', { sockets: { closed: true } }, /`sockets.close`/],
    ['sockets.close', { sockets: { close: 1 } }, /true, false/],
    ['sockets.origins', { sockets: { origins: 'https://app.example.com' } }, /with their scheme/],
    ['sockets.origins[0]', { sockets: { origins: ['*'] } }, /with their scheme/],
    ['sockets.origins[1]', { sockets: { origins: ['https://a.test', 'b.test'] } }, /with their scheme/],
    ['sockets.origins[0]', { sockets: { origins: ['https://a.test/path'] } }, /without a path/],
    ['sockets.origins[0]', { sockets: { origins: ['null'] } }, /with their scheme/],
    ['sockets.origins[0]', { sockets: { origins: [/a/] } }, /with their scheme/],
    [
      'sockets.origins',
      { sockets: { origins: ['https://a.test'] }, transport: { header: 'x-session' } },
      /origins are not checked/,
    ],
  ])('%s is refused in %j', (option, given, fix) => {
    expect(() => resolve(given)).toThrow(`option \`${option}\` is `);
    expect(() => resolve(given)).toThrow(fix);
  });
});
