// Settings that would be read as if they were empty: of a promise, a Map, a class that computes them.
import { expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { refusalOf } from '../../../support/core/refusal.js';

const collection = 'sessions';

class ComputedCookie {
  get secure() {
    return true;
  }
}

test.each<[option: string, given: object, what: string, fix: RegExp]>([
  ['cookie', { collection, cookie: Promise.resolve({ secure: true }) }, 'an instance of Promise', /object with/],
  ['cookie.secure', { collection, cookie: new ComputedCookie() }, 'inherited', /has this property itself/],
  ['permanent', { collection, permanent: new Map([['always', true]]) }, 'an instance of Map', /object with/],
  ['permanent.always', { collection, permanent: Object.create({ always: true }) }, 'inherited', /itself/],
  ['devices', { collection, devices: Object(false) }, 'an instance of Boolean', /object with its settings/],
  ['sockets', { collection, sockets: null }, 'null', /object with its settings/],
])('%s of %o is refused', (option, given, what, fix) => {
  const message = refusalOf('SESSION_OPTION_INVALID', () => resolveOptions(given));
  expect(message).toContain(`\`${option}\` is ${what}`);
  expect(message).toMatch(fix);
});
