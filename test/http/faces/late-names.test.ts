// With `storeEmpty: 'when-named'`: a name that is read when the response is complete, as by access logs.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { rawOf } from '../../support/any-response.js';
import { startFaced } from './support/faced.js';

test.each(PLATFORMS)('a name in an access log stores no session on %s, and is no reason to warn', async (platform) => {
  const world = await startFaced(platform, { requestSession: { as: 'express-session', storeEmpty: 'when-named' } });
  let closed: Promise<unknown> | undefined;
  let names: string[] = [];
  await world.visit(world.client(), (request, { response }) => {
    const raw = rawOf(response);
    raw.on('finish', () => (names = [request.sessionID, request.session.id]));
    closed = once(raw, 'close');
  });
  await closed;
  expect(names).toEqual([names[1], expect.stringMatching(/^[0-9a-f]{24}\.0$/)]);
  expect([world.world.app.log.lines, world.world.eventTypes()]).toEqual([[], []]);
});
