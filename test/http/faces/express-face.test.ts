// What `request.session` is with `requestSession: 'express-session'`, on both platforms.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { type Handle, MINUTE, startWorld } from '../../support/world.js';
import type { SessionOptions } from '../../../lib/index.js';

/** What express-session and its libraries see. */
interface FacedRequest {
  session: any;
  sessionID?: string;
  sessionStore: any;
}

const faced = ({ request }: { request: unknown }) => request as FacedRequest;

describe.each(PLATFORMS)('the express-session face on %s', (platform) => {
  const start = (options: SessionOptions = {}) =>
    startWorld(platform, { requestSession: 'express-session', ...options });

  test('keeps data under any name, userId too', async () => {
    const world = await start();
    const browser = world.client();
    const set: Handle = (visit) => void Object.assign(faced(visit).session, { userId: 7, cart: ['a'], get: 1 });
    expect((await world.visit(browser, set)).cookies).toHaveLength(1);
    expect(await world.ask(browser, (visit) => ({ ...faced(visit).session }))).toMatchObject({
      userId: 7,
      cart: ['a'],
      get: 1,
    });
    expect(await world.ask(browser, (visit) => Object.keys(faced(visit).session))).toEqual([
      'cookie',
      'userId',
      'cart',
      'get',
    ]);
  });
});
