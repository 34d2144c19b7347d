// A face costs nothing where nobody looks at it, and is gone with its request.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { FACE } from '../../../lib/http/symbols.js';
import { getPrimarySession } from '../../../lib/http/request-sessions.js';
import { SECOND } from '../../support/world.js';
import { startFaced } from './support/faced.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const hasFace = (request: object) => FACE in getPrimarySession(request)!;

const FACES = [
  ['express-session', 'express'],
  ['express-session', 'fastify'],
  ['fastify-session', 'fastify'],
] as const;

describe.each(FACES)("the face '%s' on %s", (face, platform) => {
  test('is collected with its request, also the one that regenerate() has retired', async () => {
    const world = await startFaced(platform, { requestSession: face });
    const browser = await world.browserWith({ a: 1 });
    const kept: WeakRef<object>[] = [];
    for (let visit = 0; visit < 200; visit++) {
      await world.visit(browser, async (request) => {
        kept.push(new WeakRef(request.session), new WeakRef(request.session.cookie));
        if (visit % 2 === 0) await request.session.regenerate();
        kept.push(new WeakRef(request.session));
        request.session['a'] = visit;
      });
    }
    expect(kept).toHaveLength(600);
    const isLeft = () => {
      // Closed responses are watched for a second.
      world.world.clock.advance(SECOND);
      collectGarbage();
      return kept.filter((reference) => reference.deref()).length;
    };
    // The last request of a connection stays until the next one.
    await expect.poll(isLeft, { timeout: 10_000 }).toBeLessThan(10);
  });

  test('is made when it is first read, and never for a request that uses @Session() alone', async () => {
    const world = await startFaced(platform, { requestSession: face });
    const browser = await world.browserWith({ a: 1 });
    expect(await world.ask(browser, (request) => [request.own['a'], hasFace(request)])).toEqual([1, false]);
    expect(await world.ask(browser, (request) => [request.session['a'], hasFace(request)])).toEqual([1, true]);
  });

  test("is not there with 'plain', where request.session is the session itself", async () => {
    const world = await startFaced(platform, { requestSession: 'plain' });
    const seen = await world.ask(world.client(), (request) => {
      const isItself = (request.session as unknown) === request.own;
      return [isItself, hasFace(request), 'sessionID' in request, 'sessionStore' in request];
    });
    expect(seen).toEqual([true, false, false, false]);
  });

  test.each<[what: string, act: (session: Record<string, unknown>) => unknown]>([
    ['nothing', () => undefined],
    ['a read', (session) => session['a']],
    ['a write', (session) => (session['a'] = 2)],
    ['a write of what is there', (session) => (session['a'] = 1)],
  ])('sends the commands that the session itself would send, for %s', async (_, act) => {
    const calls = await Promise.all(
      (['plain', face] as const).map(async (requestSession) => {
        const world = await startFaced(platform, { requestSession });
        const browser = await world.browserWith({ a: 1 });
        world.world.store.takeCalls();
        await world.visit(browser, (request) => void act(requestSession === 'plain' ? request.own : request.session));
        await world.visit(world.client(), (request) => void request.session);
        return world.world.store.takeCalls();
      }),
    );
    expect(calls[1]).toEqual(calls[0]);
  });

  test('throws SESSION_NOT_LOADED with `read: on-demand` until somebody has asked for the session', async () => {
    const world = await startFaced(platform, { requestSession: face, read: 'on-demand' });
    const seen = await world.ask(world.client(), (request) => {
      try {
        return typeof request.session;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(seen).toBe('SESSION_NOT_LOADED');
  });
});
