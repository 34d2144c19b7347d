// The option watch: how often, and whether by a change stream.
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';

const resolve = (given: object) => resolveOptions({ collection: 'sessions', ...given });

describe('watch', () => {
  test.each([
    [undefined, { every: 1000, changeStream: false }],
    [{ every: '100ms' }, { every: 100, changeStream: false }],
    [
      { every: '1m', changeStream: true },
      { every: 60_000, changeStream: true },
    ],
    [{ every: undefined }, { every: 1000, changeStream: false }],
  ])('%j stands for %j', (watch, resolved) => {
    expect(resolve({ watch }).watch).toEqual(resolved);
  });

  test.each<[option: string, given: object, what: string, fix: RegExp]>([
    ['watch', { watch: true }, 'true', /an object/],
    ['watch', { watch: null }, 'null', /an object/],
    ['watch.every', { watch: { every: 'often' } }, '"often"', /milliseconds/],
    ['watch.every', { watch: { every: '99ms' } }, '"99ms"', /'100ms' to '1m'/],
    ['watch.every', { watch: { every: 60_001 } }, '60001', /'100ms' to '1m'/],
    ['watch.changeStream', { watch: { changeStream: 1 } }, '1', /true, false/],
  ])('%s is refused in %j', (option, given, what, fix) => {
    expect(() => resolve(given)).toThrow(`option \`${option}\` is ${what}.`);
    expect(() => resolve(given)).toThrow(fix);
  });
});
