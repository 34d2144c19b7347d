// What `request.session` is on a path of `exclude`, with `requestSession: 'fastify-session'`.
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/error-of.js';
import type { Handle } from '../../support/world.js';
import { faceOf, start } from './support/fastify-face.js';

describe('on an excluded path, the fastify-session face', () => {
  const inspected: Handle = async (visit) => {
    const face = faceOf(visit);
    const ops = [() => face.set('a', 1), () => face.save(), () => face.destroy(), () => face.regenerate(['a'])];
    const codes = await Promise.all(ops.map(async (act) => (await errorOf(act)).code));
    const [key] = [face.get('a') ?? null];
    return [Object.isFrozen(face), Object.keys(face), face.data(), key, face.isModified(), [...new Set(codes)]];
  };

  test('is an empty frozen object, whose methods say why', async () => {
    const world = await start({ exclude: ['/act/*'] });
    expect(await world.ask(world.client(), inspected)).toEqual([true, [], {}, null, false, ['SESSION_EXCLUDED']]);
    expect(world.app.log.lines).toEqual([]);
  });

  test.each(['touch', 'save', 'reload', 'destroy', 'regenerate'] as const)(
    'warns once of %s() that nobody awaits, and the process goes on',
    async (method) => {
      const world = await start({ exclude: ['/act/*'] });
      const act: Handle = (visit) => void faceOf(visit)[method]();
      for (const visit of [act, act]) expect((await world.visit(world.client(), visit)).status).toBe(200);
      await expect.poll(() => world.app.log.lines).toEqual([expect.stringMatching(/has failed\. .*`exclude`/)]);
    },
  );
});
