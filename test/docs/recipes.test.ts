// The recipes of docs/41-users-and-devices.md run as they stand: only the place of the sessions is the test's own.
import { describe, expect, test } from 'vitest';
import { getSessionsToken, type MongoSessions } from '../../lib/index.js';
import { type HttpClient, PLATFORMS, startApp, type TestApp, testDatabase } from '../support/http.js';
import { blockOf, codeLoader, contextOf } from './support/run-code.js';

const PAGE = 'docs/41-users-and-devices.md';
const { db } = testDatabase();
const load = codeLoader('recipes');

/** The options of the recipe's module, with the database of this test. */
const sessions = [
  { db, collection: 'sessions' },
  { db, name: 'device', collection: 'devices', permanent: { idleTimeout: '90d', absoluteTimeout: '365d' } },
] as const;

async function start(platform: TestApp['platform'], file: string): Promise<TestApp & { mails: string[] }> {
  const mails: string[] = [];
  const services = [
    (await load('users.service.ts', contextOf('users.service.ts'))).Users!,
    (await load('codes.service.ts', contextOf('codes.service.ts'))).Codes!,
  ];
  const { Mailer, ...controllers } = await load(file, blockOf(PAGE, file));
  const mailer = Mailer && {
    provide: Mailer,
    useValue: { newDevice: async (userId: string) => void mails.push(userId) },
  };
  const app = await startApp({
    platform,
    sessions,
    controllers: Object.values(controllers),
    providers: [...services, ...(mailer ? [mailer] : [])],
  });
  return { ...app, mails };
}

/** A browser that was closed and opened again: what is not permanent is gone. */
function reopened(app: TestApp, browser: HttpClient): HttpClient {
  const again = app.client();
  const device = browser.jar.get('device');
  if (device !== undefined) again.jar.set('device', device);
  return again;
}

const ada = { name: 'ada', password: 'analytical-engine' };

describe.each(PLATFORMS)('recipes on %s', (platform) => {
  test('its module registers a permanent kind of session for devices', () => {
    const code = blockOf(PAGE, 'new-device.module.ts');
    for (const text of [`name: 'device'`, `idleTimeout: '90d'`, `absoluteTimeout: '365d'`])
      expect(code).toContain(text);
  });

  test('a mail about a new device goes out once for a browser, and again for another one', async () => {
    const app = await start(platform, 'login.controller.ts');
    const browser = app.client();
    const login = async (client: HttpClient) => (await client.post('/login', ada)).body;
    expect((await browser.post('/login', { ...ada, password: 'wrong' })).status).toBe(401);
    expect(app.mails).toEqual([]);
    expect(await login(browser)).toBe('{"isKnown":false}');
    expect(await login(reopened(app, browser))).toBe('{"isKnown":true}');
    expect(await login(app.client())).toBe('{"isKnown":false}');
    expect(app.mails).toEqual(['ada', 'ada']);
  });

  test('a remembered device skips the second factor, until it is forgotten', async () => {
    const app = await start(platform, 'second-factor.controller.ts');
    const browser = app.client();
    const password = async (client: HttpClient) => (await client.post('/password', ada)).body;
    const code = (client: HttpClient, given: object) => client.post('/code', given);
    expect((await code(browser, { code: '123456' })).status).toBe(401);
    expect(await password(browser)).toBe('{"next":"code"}');
    expect((await code(browser, { code: '000000', remember: true })).status).toBe(401);
    expect((await code(browser, { code: '123456', remember: true })).body).toBe('{"next":"home"}');
    const again = reopened(app, browser);
    expect(await password(again)).toBe('{"next":"home"}');
    expect(await password(app.client())).toBe('{"next":"code"}');
    const devices = app.nest.get<MongoSessions>(getSessionsToken('device'));
    expect(await devices.of('ada').revokeAll()).toBeGreaterThan(0);
    expect(await password(reopened(app, browser))).toBe('{"next":"code"}');
  });
});
