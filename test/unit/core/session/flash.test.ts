// Messages for the next page: each read once, none lost, and nothing asked of the store where there are none.
import { describe, expect, test } from 'vitest';
import { flash } from '../../../../lib/core/session/flash.js';
import { visitWith, World } from '../../../support/core/world.js';

describe('a flash message', () => {
  test('is there for the next page, in its order, and for no other', async () => {
    const { world, browser } = await visitWith({ a: 1 });
    await browser.visit(async (session) => {
      await flash(session, 'notice', 'one');
      await flash(session, 'notice', { two: [2] });
      await flash(session, 'error', null);
    });
    await browser.visit(async (session) => {
      expect(await flash(session, 'notice')).toEqual(['one', { two: [2] }]);
      expect(await flash(session, 'notice')).toEqual([]);
    });
    expect(await world.stored(browser.handle)).toEqual({ a: 1, 'flash:error': [null] });
  });

  test('can be read by the request that has left it, and leaves no session behind', async () => {
    const world = new World();
    await world.browser().visit(async (session) => {
      await flash(session, 'notice', 'now');
      expect(await flash(session, 'notice')).toEqual(['now']);
    });
    expect(world.store.memory.size).toBe(0);
  });

  test('that is not there costs no operation of the store, whatever else stands under its name', async () => {
    const { world, browser } = await visitWith({ 'flash:notice': 'text' });
    await browser.visit(async (session) => {
      expect(await flash(session, 'notice')).toEqual([]);
      expect(await flash(session, 'toString')).toEqual([]);
    });
    expect(world.store.takeCalls()).toEqual(['find']);
    expect(await world.stored(browser.handle)).toEqual({ 'flash:notice': 'text' });
  });

  test('is read by one of two requests', async () => {
    const { browser } = await visitWith({ 'flash:notice': ['one'] });
    const [first, second] = [await browser.begin(), await browser.begin()];
    expect(await flash(first.session, 'notice')).toEqual(['one']);
    expect(await flash(second.session, 'notice')).toEqual([]);
    await first.end();
    await second.end();
  });

  test('may be no undefined, which reads what is there in other libraries, and loses it', async () => {
    const { world, browser } = await visitWith({ 'flash:notice': ['one'] });
    await browser.visit(async (session) => {
      const attempt = flash(session, 'notice', undefined as unknown as string);
      await expect(attempt).rejects.toMatchObject({
        code: 'SESSION_VALUE_REFUSED',
        message: expect.stringMatching(/^flash\(\): the message for session\["flash:notice"\] is undefined\. Give one/),
      });
    });
    expect(await world.stored(browser.handle)).toEqual({ 'flash:notice': ['one'] });
  });
});
