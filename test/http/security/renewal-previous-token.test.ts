// A token that was replaced lives on for requests under way, and for nothing else.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/http.js';
import { MINUTE, HOUR, handleOf, startWorld } from './support/world.js';

describe.each(PLATFORMS)('a replaced token, within its grace, on %s', (platform) => {
  async function start() {
    const world = await startWorld(platform, { renewAfter: '1h', renewGrace: '1m', idleTimeout: '2h' });
    const browser = await world.browserWith({ a: 1 });
    const replaced = browser.clone();
    world.clock.advance(HOUR);
    await world.visit(browser);
    await world.visit(browser);
    world.clock.advance(MINUTE - 1);
    return { world, browser, replaced };
  }

  test('can not be made into a lasting one by a regenerate that keeps something', async () => {
    const { world, browser, replaced } = await start();
    const reply = await world.visit(replaced, ({ session }) => session.regenerate({ keep: true }));
    expect([reply.status, reply.cookies]).toEqual([409, []]);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('lets a login begin another session, without what is in the first', async () => {
    const { world, browser, replaced } = await start();
    const old = browser.jar.get('id')!;
    const reply = await world.visit(replaced, ({ session }) => session.login('ada'));
    expect(reply.status).toBe(200);
    expect(handleOf(replaced.jar.get('id')!)).not.toBe(handleOf(old));
    expect(await world.dataOf(replaced)).toEqual({});
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });
});
