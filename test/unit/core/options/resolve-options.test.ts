// Options at start: what is wrong stops the app, with the name of the option, what was given and the fix.
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../lib/core/clock.interface.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import type { ResolvedOptions } from '../../../../lib/core/options/resolved-options.interface.js';
import { SessionCookieOptions } from '../../../../lib/core/options/session-cookie-options.js';
import { PermanentOptions, SessionOptions } from '../../../../lib/core/options/session-options.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { SessionError } from '../../../../lib/core/errors.js';

const store = new MemorySessionStore();
const collection = 'sessions';
const resolve = (given: object) => resolveOptions(given);

function refusal(given: object): SessionError {
  try {
    resolve(given);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError);
    return error as SessionError;
  }
  throw new Error('it was not refused');
}

/** In a form in which two of them can be compared. */
const shown = (resolved: ResolvedOptions) => ({ ...resolved, source: resolved.source() });

describe('no options but a collection', () => {
  test('are enough: the documented defaults', () => {
    expect(resolve({ collection })).toMatchObject({
      name: 'default',
      idleTimeout: 30 * 60_000,
      absoluteTimeout: 12 * 3_600_000,
      permanent: { idleTimeout: 14 * 86_400_000, absoluteTimeout: 90 * 86_400_000 },
      cookie: {
        ...{ secure: 'auto', sameSite: 'lax', path: '/', partitioned: false },
        ...{ secureName: '__Host-id', plainName: 'id' },
      },
      exclude: [],
      maxSize: 1_048_576,
      timeoutMs: 5000,
      onInterrupted: 'drop',
      indexes: 'ensure',
      devices: undefined,
      cleanup: 'ttl',
      watch: { every: 1000, changeStream: false },
      failFast: false,
      clock: systemClock,
      source: expect.any(Function),
    });
  });

  test('take the time from the machine', () => {
    const before = Date.now();
    const { clock } = resolve({ collection });
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('and undefined for everything else is the same', () => {
    const more = ['connectionName', 'connection', 'client', 'db', 'uri', 'dbName', 'store', 'clock', 'profile'];
    const names = [...Object.keys(new SessionOptions()), ...more];
    const unset = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(shown(resolve({ ...unset, collection }))).toEqual(shown(resolve({ collection })));
  });
});

describe('a wrong option', () => {
  const cases: [option: string, given: object, what: string, fix: RegExp][] = [
    ['collection', {}, 'undefined', /such as 'sessions'/],
    ['collection', { collection: '' }, '""', /such as 'sessions'/],
    ['collection', { collection: 'a$b' }, '"a$b"', /without '\$'/],
    ['collection', { collection: 'system.users' }, '"system.users"', /without '\$' and 'system\.'/],
    ['collection', { collection: '.a' }, '".a"', /not start with a dot/],
    ['collection', { collection: 'mongodb://root:hunter2@host/shop' }, 'a connection string', /such as 'sessions'/],
    ['collection', { collection: 7 }, '7', /such as 'sessions'/],
    ['collection', { collection: null }, 'null', /such as 'sessions'/],
    ['collection', { collection: {}, uri: 'mongodb://h' }, 'an instance of Object', /leave `uri` out/],
    ['collection', { collection, store }, '"sessions"', /leave it out/],
    ['uri', { collection, uri: 'localhost:27017' }, 'a text that does not fit', /mongodb:\/\/host:27017\/shop/],
    ['uri', { collection, uri: 'root:hunter2@host' }, 'a text that does not fit', /mongodb:\/\/host/],
    ['uri', { collection, uri: 5 }, '5', /mongodb:\/\/host/],
    ['dbName', { collection, uri: 'mongodb://h', dbName: '' }, 'a text that does not fit', /name of a database/],
    ['dbName', { collection, uri: 'mongodb://h', dbName: 5 }, '5', /name of a database/],
    ['dbName', { collection, dbName: 'shop' }, '"shop"', /goes with `client` or `uri`/],
    ['dbName', { collection, db: {}, dbName: 'shop' }, '"shop"', /has its database already/],
    ['connectionName', { collection, connectionName: '' }, 'a text that does not fit', /MongooseModule\.forRoot/],
    ['connectionName', { collection, connectionName: 5 }, '5', /MongooseModule\.forRoot/],
    ['store', { store: {} }, 'an instance of Object', /implements `SessionStore`/],
    ['store', { store: null }, 'null', /implements `SessionStore`/],
    ['store', { store: 'memory' }, '"memory"', /implements `SessionStore`/],
    ['name', { collection, name: '' }, '""', /letters, digits/],
    ['name', { collection, name: 'a b' }, '"a b"', /letters, digits/],
    ['name', { collection, name: 'a'.repeat(41) }, `"${'a'.repeat(41)}"`, /short name/],
    ['name', { collection, name: Symbol('x') }, 'Symbol(x)', /letters, digits/],
    ['idleTimeout', { collection, idleTimeout: '30 minutes' }, '"30 minutes"', /'30m'/],
    ['idleTimeout', { collection, idleTimeout: 0 }, '0', /from 1/],
    ['idleTimeout', { collection, idleTimeout: '13h' }, '46800000', /raise `absoluteTimeout`/],
    ['absoluteTimeout', { collection, absoluteTimeout: null }, 'null', /'30m'/],
    ['absoluteTimeout', { collection, absoluteTimeout: Infinity }, 'Infinity', /100 years at most/],
    ['permanent', { collection, permanent: true }, 'true', /object with its settings/],
    ['permanent', { collection, permanent: null }, 'null', /object with its settings/],
    ['permanent', { collection, permanent: ['14d'] }, 'an array', /object with its settings/],
    ['permanent.idleTimeout', { collection, permanent: { idleTimeout: -5 } }, '-5', /from 1/],
    [
      'permanent.idleTimeout',
      { collection, permanent: { idleTimeout: '91d' } },
      '7862400000',
      /raise `permanent\.absoluteTimeout`/,
    ],
    ['permanent.absoluteTimeout', { collection, permanent: { absoluteTimeout: 'x' } }, '"x"', /'30m'/],
    ['cookie', { collection, cookie: 'sid' }, '"sid"', /object with its settings/],
    ['cookie', { collection, cookie: null }, 'null', /object with its settings/],
    ['exclude', { collection, exclude: '/assets' }, '"/assets"', /array of paths/],
    ['exclude[0]', { collection, exclude: [undefined] }, 'undefined', /starts with '\/'/],
    ['exclude[1]', { collection, exclude: ['/ok', 'assets'] }, '"assets"', /starts with '\/'/],
    ['exclude[0]', { collection, exclude: [() => true] }, 'the function (unnamed)', /RegExp/],
    ['maxSize', { collection, maxSize: '1mb' }, '"1mb"', /whole number from 64 to/],
    ['maxSize', { collection, maxSize: 8 * 1024 * 1024 }, '8388608', /whole number/],
    ['maxSize', { collection, maxSize: 63 }, '63', /whole number/],
    ['maxSize', { collection, maxSize: 100.5 }, '100.5', /whole number/],
    ['timeoutMs', { collection, timeoutMs: 0 }, '0', /whole number from 1/],
    ['timeoutMs', { collection, timeoutMs: 2 ** 31 }, '2147483648', /to 2147483647/],
    ['timeoutMs', { collection, timeoutMs: '5s' }, '"5s"', /whole number/],
    ['onInterrupted', { collection, onInterrupted: 'ignore' }, '"ignore"', /one of: "drop", "throw"/],
    ['indexes', { collection, indexes: true }, 'true', /one of: "ensure", "check", "off"/],
    ['failFast', { collection, failFast: 'yes' }, '"yes"', /one of: true, false/],
    ['clock', { collection, clock: Date.now }, 'the function now', /method `now\(\)`/],
    ['clock', { collection, clock: null }, 'null', /method `now\(\)`/],
    ['clock.now()', { collection, clock: { now: () => new Date() } }, 'an instance of Date', /milliseconds/],
    ['clock.now()', { collection, clock: { now: async () => 5 } }, 'an instance of Promise', /milliseconds/],
    ['clock.now()', { collection, clock: { now: () => '5' } }, '"5"', /milliseconds/],
    ['clock.now()', { collection, clock: { now: () => NaN } }, 'NaN', /milliseconds/],
    ['clock.now()', { collection, clock: { now: () => {} } }, 'undefined', /milliseconds/],
  ];

  test.each(cases.map((each, index) => [index, ...each] as const))(
    '%i: `%s`, without a password',
    (_, option, given, what, fix) => {
      const { code, message } = refusal(given);
      expect(code).toBe('SESSION_OPTION_INVALID');
      expect(message).toContain(`MongoSessionsModule: option \`${option}\` is ${what}. `);
      expect(message).toMatch(fix);
      expect(message).not.toContain('hunter2');
      expect(message).not.toContain('\n');
      expect(message.length).toBeLessThan(300);
    },
  );
});

describe('two places for sessions', () => {
  const sources = { connectionName: 'x', connection: {}, client: {}, db: {}, uri: 'mongodb://root:hunter2@h', store };
  const pairs = Object.keys(sources).flatMap((one, index, all) =>
    all.slice(index + 1).map((other) => [one, other] as const),
  );

  test.each(pairs)('are one too many: %s and %s', (one, other) => {
    const given = Object.fromEntries(Object.entries(sources).filter(([name]) => name === one || name === other));
    const { message } = refusal({ collection, ...given });
    expect(message).toContain(`\`${one}\` and \`${other}\` are given together`);
    expect(message).toMatch(/Keep one of them\.$/);
    expect(message).not.toContain('hunter2');
  });
});

describe('an unknown option', () => {
  test.each([
    ['ttl', {}, /Known options: .*`?idleTimeout/],
    ['idletimeout', {}, /Did you mean `idleTimeout`\?/],
    ['Cookie', {}, /Did you mean `cookie`\?/],
    ['collectionName', {}, /Did you mean `collection`\?/],
    ['resave', {}, /There is no such option/],
    ['', {}, /There is no such option/],
    [
      'permanent.maxAge',
      { permanent: { maxAge: 'hunter2' } },
      /Known options: permanent\.idleTimeout, permanent\.absoluteTimeout/,
    ],
    ['cookie.secret', { cookie: { secret: 'hunter2' } }, /There is no such option/],
  ])('is named, with what was meant or what there is: `%s`', (option, given, hint) => {
    const whole = Object.keys(given).length > 0 ? given : { [option]: 'hunter2' };
    const { message } = refusal({ collection, ...whole });
    expect(message).toContain(`option \`${option}\` is given. There is no such option.`);
    expect(message).toMatch(hint);
    expect(message).not.toContain('hunter2');
  });

  test('is one also without a value: a misspelt name has no effect, and must not look as if it had', () => {
    expect(refusal({ collection, idleTimeOut: undefined }).message).toContain('`idleTimeOut`');
  });
});

describe('what was given', () => {
  test('is never changed, at any depth', () => {
    const given = {
      collection,
      permanent: { idleTimeout: '1d' },
      cookie: { secure: undefined, path: '/app' },
      exclude: ['/assets/*', /^\/probe/],
    };
    const copy = structuredClone(given);
    for (const value of [given, given.permanent, given.cookie, given.exclude]) Object.freeze(value);
    resolve(given);
    expect(given).toEqual(copy);
  });

  test('can be changed afterwards without effect', () => {
    const given = { collection, exclude: ['/a'], permanent: { idleTimeout: '1d' } };
    const resolved = resolve(given);
    given.exclude.push('/b');
    given.permanent.idleTimeout = '2d';
    expect(resolved.exclude).toEqual(['/a']);
    expect(resolved.permanent.idleTimeout).toBe(86_400_000);
    expect(() => Object.assign(resolved, { maxSize: 1 })).toThrow(TypeError);
  });

  test('may be an instance of the options class, as `useClass` factories make it', () => {
    const options = Object.assign(new SessionOptions(), { collection, permanent: new PermanentOptions() });
    options.cookie = new SessionCookieOptions();
    expect(shown(resolveOptions(options))).toEqual(shown(resolve({ collection })));
  });

  test('of the database is handed on as it is', () => {
    const client = { db: () => {} };
    expect(resolve({ collection, client, dbName: 'shop' }).source()).toEqual({ collection, client, dbName: 'shop' });
    expect(resolve({ store }).source().store).toBe(store);
  });
});

test('an idle time shorter than the defaults of options that were not given is no contradiction', () => {
  expect(resolve({ collection, idleTimeout: '5s' }).idleTimeout).toBe(5000);
  expect(refusal({ collection, idleTimeout: '5s', renewAfter: '2s' }).message).toContain('`renewGrace`');
});

test('A grace that is longer than the time between two renewals is refused: the second would cut the first short', () => {
  const options = { collection, renewAfter: '5m', renewGrace: '6m' } as const;
  expect(refusal(options).message).toContain('`renewGrace`');
  expect(() => resolveOptions({ ...options, renewGrace: '5m' })).not.toThrow();
});
