import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { refusalOf } from '../../../support/core/refusal.js';

const resolve = (requestSession: unknown, more: object = {}) =>
  resolveOptions({ collection: 'sessions', requestSession: requestSession as 'plain', ...more }).requestSession;

describe('requestSession', () => {
  test('is the session itself by default', () => {
    expect(resolve(undefined)).toEqual({ as: 'plain', storeEmpty: false, unset: 'keep' });
  });

  test.each(['plain', 'express-session', false])('%s is short for { as }', (as) => {
    expect(resolve(as)).toEqual(resolve({ as }));
    expect(resolve(as)).toEqual({ as, storeEmpty: false, unset: 'keep' });
  });

  test('takes storeEmpty and unset with a face', () => {
    const given = { as: 'express-session', storeEmpty: 'when-named', unset: 'destroy' };
    expect(resolve(given)).toEqual(given);
  });

  test.each<[option: string, given: unknown, fix: RegExp]>([
    ['requestSession', 'express', /Use one of: "plain", "express-session"/],
    ['requestSession', true, /Use one of/],
    ['requestSession', null, /Use one of/],
    ['requestSession', ['plain'], /object with its settings/],
    ['requestSession.as', { as: 'koa' }, /Use one of/],
    ['requestSession.is', { is: 'plain' }, /There is no such option/],
    ['requestSession.storeEmpty', { storeEmpty: true }, /only with `as: 'express-session' or 'fastify-session'`/],
    ['requestSession.storeEmpty', { as: false, storeEmpty: false }, /leave `storeEmpty` out/],
    [
      'requestSession.storeEmpty',
      { as: 'express-session', storeEmpty: 'always' },
      /Use one of: true, false, "when-named"/,
    ],
    ['requestSession.unset', { as: 'plain', unset: 'destroy' }, /only with `as: 'express-session'`/],
    ['requestSession.unset', { as: 'express-session', unset: 'bogus!' }, /Use one of: "keep", "destroy"/],
  ])('%s: %j is refused', (option, given, fix) => {
    const message = refusalOf('SESSION_OPTION_INVALID', () => resolve(given));
    expect(message).toContain(`option \`${option}\` is `);
    expect(message).toMatch(fix);
  });

  test("storeEmpty: true is refused with read: 'on-demand', which reads none for a request that does not ask", () => {
    const given = { as: 'express-session', storeEmpty: true };
    expect(refusalOf('SESSION_OPTION_INVALID', () => resolve(given, { read: 'on-demand' }))).toMatch(
      /Use 'when-named'/,
    );
  });
});

describe('permanent.always', () => {
  const initial = (always: unknown) =>
    resolveOptions({ collection: 'sessions', permanent: { always: always as boolean, idleTimeout: '2d' } }).permanent
      .initial;

  test('is the idle time with which sessions begin', () => {
    expect([undefined, false, true, '1d', 5000].map(initial)).toEqual([
      undefined,
      undefined,
      172_800_000,
      86_400_000,
      5000,
    ]);
  });

  test.each([
    ['3d', /longer than `permanent.idleTimeout`/],
    [0, /from 1/],
    ['soon', /number with a unit/],
    [null, /Give true, false/],
    [{}, /Give true, false/],
  ])('%j is refused', (always, fix) => expect(refusalOf('SESSION_OPTION_INVALID', () => initial(always))).toMatch(fix));
});
