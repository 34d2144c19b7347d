// What a registration asks of its store, and what it does without options.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { refusalOf } from '../../../support/core/refusal.js';
import { World } from '../../../support/core/world.js';

describe('a store that is a SessionStore and nothing more', () => {
  test.each<[string, SessionOptions, string]>([
    ['devices', { devices: true }, 'UserSessionStore'],
    ['sockets.close', { sockets: { close: true } }, 'WatchableStore'],
    ['watch.changeStream', { watch: { changeStream: true } }, 'WatchableStore'],
  ])('is refused with the option `%s`, which needs more', (option, options, port) => {
    const message = refusalOf('SESSION_OPTION_INVALID', () => new World(options));
    expect(message).toContain(`The option \`${option}\` needs a store that is a ${port}`);
    expect(() => new World(options, addPorts)).not.toThrow();
  });

  test.each<[string, SessionOptions]>([
    ['no options', {}],
    ['options that are off', { devices: false, sockets: { close: false }, watch: { changeStream: false } }],
    ['origins of sockets', { sockets: { origins: ['https://app.example'] } }],
  ])('is enough with %s', (_, options) => {
    expect(() => new World(options)).not.toThrow();
  });
});

describe('a registration', () => {
  test('sweeps expired sessions only with the option `cleanup`', () => {
    const sweeping = new World({ cleanup: 'sweep' }, addPorts).registration;
    expect([sweeping.sweeper === undefined, new World().registration.sweeper]).toEqual([false, undefined]);
  });

  test('logs users in without limits unless it is given a protocol', async () => {
    const world = new World();
    const browser = world.browser();
    await browser.visit((session) => session.login('ada'));
    expect(await world.store.stored(browser.handle)).toMatchObject({ userId: 'ada' });
  });

  test('warns of a cookie that ends before its session does', () => {
    const { warnings } = new World({ permanent: { idleTimeout: '500d', absoluteTimeout: '600d' } });
    expect(warnings).toEqual([expect.stringContaining('browsers keep no cookie longer')]);
  });
});
