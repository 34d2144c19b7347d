// The option devices: off, all, or just some of it.
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';

const resolve = (given: object) => resolveOptions({ collection: 'sessions', ...given });

describe('devices', () => {
  test.each([
    [undefined, undefined],
    [false, undefined],
    [true, { ip: 'full', userAgent: true }],
    [{}, { ip: 'full', userAgent: true }],
    [{ ip: 'prefix' }, { ip: 'prefix', userAgent: true }],
    [
      { ip: false, userAgent: undefined },
      { ip: false, userAgent: true },
    ],
    [{ userAgent: false }, { ip: 'full', userAgent: false }],
  ])('%j stands for %j', (devices, resolved) => {
    expect(resolve({ devices }).devices).toEqual(resolved);
  });

  test.each<[option: string, given: object, what: string, fix: RegExp]>([
    ['devices', { devices: 'all' }, '"all"', /an object/],
    ['devices', { devices: null }, 'null', /an object/],
    ['devices', { devices: 1 }, '1', /an object/],
    ['devices.ip', { devices: { ip: true } }, 'true', /"full", "prefix", false/],
    ['devices.ip', { devices: { ip: 'half' } }, '"half"', /"full"/],
    ['devices.userAgent', { devices: { userAgent: 'yes' } }, '"yes"', /true, false/],
    ['devices.label', { devices: { label: true } }, 'given', /no such option/],
  ])('%s is refused in %j', (option, given, what, fix) => {
    expect(() => resolve(given)).toThrow(`option \`${option}\` is ${what}.`);
    expect(() => resolve(given)).toThrow(fix);
  });
});
