// A limit of sessions that is lowered while its user has more: who logs in again in a session of the user's.
import { describe, expect, test } from 'vitest';
import { UserWorld } from '../../../support/core/user-world.js';
import { type AnySession, Browser } from '../../../support/core/world.js';

describe('a login with a lower limit', () => {
  test('ends the surplus of a lowered limit also in a session that has a seat, which stays', async () => {
    const memory = new UserWorld({ maxSessions: 3 });
    const browsers = [await memory.browserOf('ada'), await memory.browserOf('ada'), await memory.browserOf('ada')];
    const world = new UserWorld({ maxSessions: 2 }, undefined, memory.memory);
    const [own] = browsers;
    await own!.visit((session) => session.login('ada', { maxSessions: 1 }));
    expect([await memory.isAlive(own!), await world.count('ada')]).toEqual([true, 1]);
  });

  test('by refuse leaves a session that has a seat as it was where the others fill a lowered limit', async () => {
    const world = new UserWorld({ maxSessions: 3, onMaxSessions: 'refuse' });
    const browsers = [await world.browserOf('ada'), await world.browserOf('ada'), await world.browserOf('ada')];
    const [own, other] = browsers;
    let code: unknown;
    const login = (maxSessions: number) => async (session: AnySession) => {
      await session
        .login('ada', { maxSessions })
        .catch((error: { cause: { code?: unknown } }) => (code = error.cause.code));
    };
    await own!.visit(login(2));
    expect([code, await world.isAlive(own!), await world.count('ada')]).toEqual(['SESSION_LIMIT_REACHED', true, 3]);
    await other!.visit((session) => session.logout());
    code = undefined;
    await own!.visit(login(2));
    expect([code, await world.isAlive(own!), await world.count('ada')]).toEqual([undefined, true, 2]);
  });

  test('ends no other for a session that another login has ended in the meantime', async () => {
    const before = new UserWorld({ maxSessions: 3 });
    const own = await before.browserOf('ada');
    for (let more = 0; more < 2; more++) await before.browserOf('ada');
    const rival = new UserWorld({ maxSessions: 2 }, undefined, before.memory);
    let isOvertaken = false;
    const world = new UserWorld(
      { maxSessions: 2 },
      async (name, _, call) => {
        if (name === 'changeUser' && !isOvertaken) {
          isOvertaken = true;
          await before.memory.take(own.handle, { userId: 'ada' });
          await rival.browserOf('ada');
        }
        return call();
      },
      before.memory,
    );
    await new Browser(world, own.cookie).visit((session) => session.login('ada'));
    expect(isOvertaken).toBe(true);
    expect(await rival.count('ada')).toBe(2);
  });
});
