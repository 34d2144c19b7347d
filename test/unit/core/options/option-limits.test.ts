// What options may be at the very edge, and not beyond it: a limit that is off by one is noticed by somebody else's app.
import { describe, expect, test } from 'vitest';
import { integerAt } from '../../../../lib/core/option-checks.js';
import { resolveCookie } from '../../../../lib/core/options/resolve-cookie.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { errorOf } from '../../../support/error-of.js';

const collection = 'sessions';
const resolve = (given: object) => resolveOptions({ collection, ...given });
const cookie = (given: object) => resolveCookie(given, 'default');

describe('a number', () => {
  test.each([
    ['maxSize', 64, 8 * 1024 * 1024 - 16 * 1024],
    ['maxKeys', 1, 1_000_000],
    ['maxDepth', 1, 97],
    ['maxCookieHeader', 128, 1024 * 1024],
    ['timeoutMs', 1, 2 ** 31 - 1],
  ])('`%s` is from %i to %i', (option, least, most) => {
    for (const given of [least, most]) expect(resolve({ [option]: given })).toMatchObject({ [option]: given });
    for (const given of [least - 1, most + 1])
      expect(() => resolve({ [option]: given })).toThrow(
        `option \`${option}\` is ${given}. Give a whole number from ${least} to ${most}.`,
      );
  });
});

describe('a duration that is none is refused under its name', () => {
  test.each(['renewAfter', 'renewGrace', 'idleTimeout', 'absoluteTimeout'])('%s', (option) => {
    expect(() => resolve({ [option]: 'soon' })).toThrow(`option \`${option}\` is "soon"`);
  });

  test.each([
    [{ renewAfter: '1h', renewGrace: '40m' }, 'renewGrace', 'idleTimeout'],
    [{ renewAfter: '5m', renewGrace: '6m' }, 'renewGrace', 'renewAfter'],
    [{ idleTimeout: '13h' }, 'idleTimeout', 'absoluteTimeout'],
  ])('or where %j are the wrong way round, with both names', (given, shorter, longer) => {
    expect(() => resolve(given)).toThrow(`option \`${shorter}\``);
    expect(() => resolve(given)).toThrow(`longer than \`${longer}\``);
  });
});

describe('a place for sessions', () => {
  test.each(['a', 'sessions of 2026', 'system', 'mysystem.sessions', 'a.b', 'a'.repeat(200)])(
    'may be the collection %s',
    (name) => {
      expect(resolve({ collection: name }).source()).toEqual({ collection: name });
    },
  );

  test.each(['shop.system.users', 'x.system.', 'a\0b', 'a'.repeat(201), 'root:x@mongodb://host'])(
    'is not the collection %j',
    (name) => {
      expect(() => resolve({ collection: name })).toThrow('option `collection`');
    },
  );

  test('may be a collection of the driver, which has its database already', () => {
    const object = { insertOne: () => {} };
    expect(resolve({ collection: object }).source()).toEqual({ collection: object });
  });

  test('is no address with something before it', () => {
    expect(() => resolve({ uri: 'see mongodb://host/shop' })).toThrow('option `uri`');
    for (const uri of ['mongodb://h', 'mongodb+srv://h']) expect(resolve({ uri }).source()).toMatchObject({ uri });
  });
});

test('encryption is what was given, and none unless it was', () => {
  const keys = [Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')];
  expect(resolve({ encryption: { keys, hideKeyNames: true } }).encryption).toMatchObject({ hideKeyNames: true });
  expect(resolve({ encryption: undefined }).encryption).toBeUndefined();
  expect(() => resolve({ encryption: null })).toThrow('option `encryption`');
});

describe('an option of the cookie', () => {
  test.each(['a.b', '.a.b', 'example.org', 'sub.example.org', 'a1.2b', 'x--y.example', 'localhost'])(
    'may be the domain %s',
    (domain) => {
      expect(cookie({ domain }).domain).toBe(domain);
    },
  );

  test.each(['example.org-', 'example.-org', 'example.o_g', 'example.org_', 'example.org.', '..org', 'x y.org'])(
    'is not the domain %s',
    (domain) => {
      expect(() => cookie({ domain })).toThrow('option `cookie.domain`');
    },
  );

  test('may be a name of 256 letters', () => {
    expect(cookie({ name: 'a'.repeat(256) }).plainName).toHaveLength(256);
  });

  test('may be a name that has a prefix of browsers in its middle only, where it means nothing', () => {
    expect(cookie({ name: 'x__Host-id', domain: 'example.org' }).secureName).toBe('x__Host-id');
  });
});

describe('an error about an option', () => {
  test.each([
    ['a text', `\u009b\u2028\u202e${'x'.repeat(1e6)}`],
    ['an object with a constructor', { constructor: { name: `\u2028${'x'.repeat(1e6)}` } }],
    ['an object whose constructor has no name', { constructor: { name: { toString: 1 } } }],
  ])('is one short line for %s of a request', async (_, given) => {
    const { message } = await errorOf(() => integerAt('login({ maxSessions })', given, 1, 10));
    expect(message).toMatch(/^MongoSessionsModule: option `login\(\{ maxSessions \}\)` is .* Give a whole number/);
    expect(message).not.toMatch(/[\u009b\u2028\u202e]/);
    expect(message.length).toBeLessThan(300);
  });

  test('shows no more than the first 60 characters of what was given', () => {
    const attempt = () => resolve({ indexes: 'x'.repeat(100) });
    expect(attempt).toThrow(`is "${'x'.repeat(60)}". `);
  });

  test('names the class of what was given, or says that it is an object', () => {
    expect(() => resolve({ clock: new Map() })).toThrow('is an instance of Map. ');
    expect(() => resolve({ clock: Object.create(null) as object })).toThrow('is an instance of Object. ');
  });
});
