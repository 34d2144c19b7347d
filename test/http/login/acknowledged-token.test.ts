// A token that the store has acknowledged reaches the client, whatever becomes of the rest of the request.
import { describe, expect, test } from 'vitest';
import type { SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, startWorld } from '../security/support/world.js';

const database = testDatabase();
const TOO_MUCH = 'x'.repeat(2000);

const RENEWALS: Readonly<Record<string, Handle>> = {
  'login()': ({ session }) => session.login('ada', { keep: ['cart'] }),
  'regenerate()': ({ session }) => session.regenerate({ keep: true }),
  'login() of a visitor, saved by save()': async ({ session }) => {
    await session.login('ada', { keep: ['cart'] });
    await session.save();
  },
};

describe.each(PLATFORMS)('A11: an acknowledged token on %s', (platform) => {
  describe.each(Object.entries(RENEWALS))('of %s', (_, renew) => {
    test.each(['act', 'raw'] as const)('leaves with the 413 of the rest (%s)', async (kind) => {
      const options: SessionOptions = { db: database.db, collection: 'sessions', maxSize: 1000 };
      const world = await startWorld(platform, options);
      const browser = await world.browserWith({ cart: [1] });
      const old = browser.clone();

      const path = world.route(async (visit) => {
        await renew(visit);
        visit.session['large'] = TOO_MUCH;
        if (kind === 'raw') visit.response.send('answered');
        return 'answered';
      }, kind);
      const reply = await browser.get(path);

      expect(reply.status).toBe(413);
      expect(reply.cookies).toHaveLength(1);
      expect(reply.headers['cache-control']).toMatch(/private, no-store/);
      expect(await world.dataOf(browser)).toEqual({ cart: [1] });
      expect(await world.isAlive(old)).toBe(false);
    });

    test('leaves with the 503 of the rest', async () => {
      const world = await startWorld(platform);
      const browser = await world.browserWith({ cart: [1] });
      const reply = await world.visit(browser, async (visit) => {
        await renew(visit);
        visit.session['b'] = 2;
        world.store.fail('update', 'insert');
      });
      world.store.fail();
      expect([reply.status, reply.cookies.length]).toEqual([503, 1]);
      expect(await world.dataOf(browser)).toEqual({ cart: [1] });
    });
  });

  test('does not leave if the login itself was not acknowledged', async () => {
    const world = await startWorld(platform);
    const browser = await world.browserWith({ cart: [1] });
    world.store.fail('replaceSecret');
    const reply = await world.visit(browser, ({ session }) => session.login('ada'));
    world.store.fail();
    expect([reply.status, reply.cookies]).toEqual([503, []]);
    expect(await world.dataOf(browser)).toEqual({ cart: [1] });
  });
});
