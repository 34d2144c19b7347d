// What becomes of a session that shall end with its request, by a cookie that is over or `request.session = null`, and is used on.
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { type FacedHandle, type FacedRequest, startFaced } from './support/faced.js';

const END: Record<string, (request: FacedRequest) => void> = {
  'maxAge = 0': ({ session }) => void (session.cookie.maxAge = 0),
  'expires = a past date': ({ session }) => void (session.cookie.expires = new Date(0)),
  'request.session = null': (request) => void ((request as { session: unknown }).session = null),
};

const BEGIN: readonly [what: string, act: FacedHandle, user: string | null][] = [
  ['regenerate()', ({ own }) => own.regenerate(), null],
  ['login()', ({ own }) => own.login('ada'), 'ada'],
  ['logout() and login()', async ({ own }) => (await own.logout(), own.login('ada')), 'ada'],
];

const GO_ON: readonly FacedHandle[] = [({ own }) => own.reload(), ({ own }) => own.regenerate({ keep: true })];

describe.each(PLATFORMS)("a session on %s with the face 'express-session'", (platform) => {
  describe.each(Object.keys(END))('that shall end by %s', (end) => {
    test.each(BEGIN)('stays if %s begins another one', async (_, act, user) => {
      const world = await startFaced(platform, { requestSession: { as: 'express-session', unset: 'destroy' } });
      for (const browser of [await world.browserWith({ a: 1 }), world.client()]) {
        await world.visit(browser, async (request, visit) => {
          END[end]!(request);
          await act(request, visit);
          request.own['b'] = 2;
        });
        expect(await world.ask(browser, ({ own }) => [own['b'] ?? null, own.userId ?? null])).toEqual([2, user]);
      }
    });

    test('ends, although reload() and regenerate({ keep }) go on with it', async () => {
      const world = await startFaced(platform, { requestSession: { as: 'express-session', unset: 'destroy' } });
      for (const goOn of GO_ON) {
        const browser = await world.browserWith({ a: 1 });
        await world.visit(browser, async (request, visit) => {
          END[end]!(request);
          await goOn(request, visit);
        });
        expect([browser.jar.size, world.world.eventTypes().at(-1)]).toEqual([0, 'destroyed']);
      }
    });
  });
});
