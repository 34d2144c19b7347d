// Two registrations on one request: what is saved when one of them can not be.
import { describe, expect, test } from 'vitest';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { MongoSessionsModule } from '../../../lib/index.js';
import { ObservedStore, type Platform, PLATFORMS } from '../../support/http.js';
import { type AnySession, type Visit, startWorld } from '../../support/world.js';

const TOO_MUCH = 'x'.repeat(2000);

function adminOf({ request }: Visit): AnySession {
  return sessionOf(request, 'admin') as AnySession;
}

async function start(platform: Platform) {
  const admins = new ObservedStore();
  const admin = MongoSessionsModule.forRoot({ name: 'admin', store: admins, maxSize: 1000 });
  const world = await startWorld(platform, { maxSize: 1000 }, { imports: [admin] });
  return { world, admins };
}

describe.each(PLATFORMS)('A25: two registrations on %s', (platform) => {
  test('are saved one after the other, the default one first, whichever was asked for first', async () => {
    const { world, admins } = await start(platform);
    const release = world.store.hold('insert');
    const reply = world.visit(world.client(), (visit) => {
      adminOf(visit)['a'] = 1;
      visit.session['a'] = 1;
    });
    await expect.poll(() => world.store.calls).toEqual(['insert']);
    expect(admins.calls).toEqual([]);
    release();
    expect((await reply).cookies).toHaveLength(2);
    expect(admins.calls).toEqual(['insert']);
  });

  test.each(['413', '503'])('leave the second one unsaved when the first fails with %s', async (status) => {
    const { world, admins } = await start(platform);
    if (status === '503') world.store.fail('insert');
    const reply = await world.visit(world.client(), (visit) => {
      adminOf(visit)['a'] = 1;
      visit.session['a'] = status === '413' ? TOO_MUCH : 1;
    });
    expect([String(reply.status), reply.cookies, admins.memory.size]).toEqual([status, [], 0]);
  });

  test('keep what the first has saved, with its cookie, when the second fails', async () => {
    const { world, admins } = await start(platform);
    const browser = world.client();
    const reply = await world.visit(browser, (visit) => {
      visit.session['a'] = 1;
      adminOf(visit)['a'] = TOO_MUCH;
    });
    expect([reply.status, reply.cookies, admins.memory.size]).toEqual([413, [expect.stringMatching(/^id=/)], 0]);
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });

  test('A11: hand out the token of a login to one of them when the other fails', async () => {
    const { world } = await start(platform);
    const browser = world.client();
    const reply = await world.visit(browser, async (visit) => {
      await adminOf(visit).login('root');
      await adminOf(visit).save();
      visit.session['a'] = TOO_MUCH;
    });
    expect([reply.status, reply.cookies]).toEqual([413, [expect.stringMatching(/^admin=/)]]);
    const seen = await world.visit(browser, (visit) => adminOf(visit).userId);
    expect(seen.body).toBe('root');
  });

  test.each<[string, (visit: Visit) => unknown]>([
    ['that nobody awaits', (visit) => void adminOf(visit).login('root')],
    ['in parallel with what fails', (visit) => Promise.all([visit.session.save(), adminOf(visit).login('root')])],
  ])('A11: hand out the token of a login %s, which is not done when the other fails', async (_, login) => {
    const { world, admins } = await start(platform);
    const browser = world.client();
    await world.visit(browser, (visit) => void (adminOf(visit)['a'] = 1));
    const release = admins.hold('replaceSecret');
    const reply = world.visit(browser, (visit) => {
      visit.session['a'] = TOO_MUCH;
      return login(visit);
    });
    await expect.poll(() => admins.calls).toContain('replaceSecret');
    release();
    expect([(await reply).status, (await reply).cookies]).toEqual([413, [expect.stringMatching(/^admin=/)]]);
    const seen = await world.visit(browser, (visit) => adminOf(visit).userId);
    expect(seen.body).toBe('root');
  });
});
