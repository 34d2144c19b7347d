// The removal of a cookie goes to browsers that have sent one.
import { describe, expect, test } from 'vitest';
import { type Handle, startWorld, withCookie } from '../security/support/world.js';
import { PLATFORMS } from '../../support/http.js';

const ENDS: Readonly<Record<string, Handle>> = {
  'destroy()': ({ session }) => session.destroy(),
  'logout()': ({ session }) => session.logout(),
  'destroy() of data that was never saved': async ({ session }) => {
    session['a'] = 1;
    await session.destroy();
  },
  'destroy() of data that was saved just now': async ({ session }) => {
    session['a'] = 1;
    await session.save();
    await session.destroy();
  },
  'emptying what was saved just now': async ({ session }) => {
    session['a'] = 1;
    await session.save();
    delete session['a'];
  },
};

describe.each(PLATFORMS)('B17: the end of a session on %s', (platform) => {
  describe.each(Object.entries(ENDS))('by %s', (_, end) => {
    test('removes no cookie of a browser that has sent none', async () => {
      const world = await startWorld(platform);
      const reply = await world.visit(world.client(), end);
      expect(reply.cookies).toEqual([]);
      expect(reply.headers['cache-control'] ?? '').not.toContain('no-store');
      expect(world.store.memory.size).toBe(0);
    });

    test.each(['living', 'dead', 'malformed'])('removes a %s one', async (kind) => {
      const world = await startWorld(platform);
      const browser = await world.browserWith();
      if (kind === 'dead') world.store.memory.clear();
      const client = kind === 'malformed' ? withCookie(browser, 'malformed') : browser;
      const reply = await world.visit(client, end);
      expect(reply.cookies).toEqual([expect.stringMatching(/^id=; Max-Age=0/)]);
    });
  });
});
