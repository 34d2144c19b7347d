// Options that there are not, given to everything that takes some: they would do nothing, and nobody would notice.
import { describe, expect, it } from 'vitest';
import { FreshSession, MongoSessions, ReadonlySession, RequireSession, SessionUser } from '../../../lib/index.js';
import { fakeSession, signInAs, useMemorySessions } from '../../../lib/testing/index.js';
import { PLATFORMS } from '../../support/http.js';
import { type AnySession, startWith, type World } from '../../support/world.js';

const userOf = (world: World) => world.app.nest.get(MongoSessions).of('ada');
const given = (name: string, value: unknown) => ({ [name]: value }) as never;

type Operation = readonly [
  call: string,
  misspelt: string,
  run: (session: AnySession, world: World) => Promise<unknown>,
];

/** What a handler can call, with the name of one of its options misspelt. */
const OPERATIONS: Operation[] = [
  ['save({ evenIfEmpty })', 'evenifempty', (session) => session.save(given('evenifempty', true))],
  ['regenerate({ keep })', 'keeps', (session) => session.regenerate(given('keeps', ['cart']))],
  ['login({ maxSessions })', 'maxSession', (session) => session.login('ada', given('maxSession', 1))],
  ['login({ amr })', 'AMR', (session) => session.login('ada', given('AMR', ['otp']))],
  ['logout({ clearSiteData })', 'clearSitedata', (session) => session.logout(given('clearSitedata', true))],
  ['push({ max })', 'maximum', (session) => session.push('list', [1], given('maximum', 5))],
  ['list({ limit })', 'limits', (_, world) => userOf(world).list(given('limits', 5))],
  ['revoke({ reason })', 'reasons', (_, world) => userOf(world).revoke('no handle', given('reasons', 'lost'))],
  ['revoke({ reason })', 'reasons', (_, world) => userOf(world).revokeAll(given('reasons', 'lost'))],
  ['revoke({ reason })', 'reasons', (_, world) => world.app.nest.get(MongoSessions).revoke('', given('reasons', 1))],
  [
    'edit({ retries })',
    'retry',
    ({ handle }, world) => world.app.nest.get(MongoSessions).edit(handle, () => {}, given('retry', 0)),
  ],
  ['signInAs({ userId })', 'userid', (_, world) => signInAs(world.app.nest, given('userid', 'ada'))],
];

/** What is called while classes are declared, or tests begin. */
const DECLARATIONS: [call: string, misspelt: string, declare: () => unknown][] = [
  ['@RequireSession({ user })', 'users', () => RequireSession(given('users', true))],
  ['@ReadonlySession({ name })', 'named', () => ReadonlySession(given('named', 'admin'))],
  ['@FreshSession({ amr })', 'amrs', () => FreshSession('10m', given('amrs', ['otp']))],
  ['@SessionUser({ required })', 'require', () => SessionUser(given('require', true))],
  ['fakeSession({ userId })', 'userID', () => fakeSession({}, given('userID', 'ada'))],
  ['useMemorySessions({ clock })', 'Clock', () => useMemorySessions({} as never, given('Clock', {}))],
];

const refusal = (call: string, misspelt: string) => ({
  code: 'SESSION_OPTION_INVALID',
  message: expect.stringContaining(
    `\`${call.replace(/\{ \w+ \}/, `{ ${misspelt} }`)}\` is given. There is no such option. Did you mean \`${call}\`?`,
  ) as string,
});

describe.each(PLATFORMS)('an option that there is not, on %s', (platform) => {
  it.each(OPERATIONS)('is refused by %s, given %s, and names the one that was meant', async (call, misspelt, run) => {
    const { world, browser } = await startWith(platform);
    let refused: unknown;
    const { status } = await world.visit(browser, async ({ session }) => {
      await run(session, world).catch((error: unknown) => (refused = error));
    });
    expect(status).toBe(200);
    expect(refused).toMatchObject(refusal(call, misspelt));
  });

  it('ends a session by logout() all the same', async () => {
    const { world, browser } = await startWith(platform);
    await world.visit(browser, ({ session }) => session.logout(given('clearSitedata', true)).catch(() => {}));
    expect(await world.isAlive(browser)).toBe(false);
  });

  it('changes nothing by login() and regenerate()', async () => {
    const { world, browser } = await startWith(platform);
    const { body } = await world.visit(browser, async ({ session }) => {
      await session.login('ada', given('maxSession', 1)).catch(() => {});
      await session.regenerate(given('keeps', ['a'])).catch(() => {});
      return { ...session, userId: session.userId ?? 'nobody' };
    });
    expect(JSON.parse(body)).toEqual({ a: 1, userId: 'nobody' });
    expect(await world.dataOf(browser)).toEqual({ a: 1 });
  });
});

describe('an option that there is not', () => {
  it.each(DECLARATIONS)('is refused by %s, given %s, at once', (call, misspelt, declare) => {
    expect(declare).toThrow(expect.objectContaining(refusal(call, misspelt)) as Error);
  });
});

describe('save({ evenIfEmpty })', () => {
  it.each([['yes'], [1], ['false'], [null]])('takes no %j for a yes', async (evenIfEmpty) => {
    await expect(fakeSession().save({ evenIfEmpty } as never)).rejects.toMatchObject({
      code: 'SESSION_OPTION_INVALID',
    });
  });
});
