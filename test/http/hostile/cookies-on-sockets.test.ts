// Thousands of the same hostile cookies as bytes on real sockets, with a real MongoDB behind them.
import { describe, expect, test } from 'vitest';
import { getOn, rawRequests } from '../../support/raw-request.js';
import { handleOf } from '../../support/world.js';
import { NotesController, PLATFORMS, recordCommands, sharedApp, testDatabase } from '../../support/http.js';
import { hostileCookie, randomFrom } from './support/hostile-cookies.js';

const COUNT = 1500;
const AT_ONCE = 50;

/** Node itself refuses these, and ends the connection. */
const isOfNode = (cookie: string) => [...cookie].some((sign) => (sign < ' ' && sign !== '\t') || sign === '\x7f');

const pipeline = (origin: string, path: string, cookies: readonly string[]) =>
  rawRequests(
    origin,
    cookies.map((cookie, at) => getOn(at === cookies.length - 1 ? 'close' : 'keep-alive', path, `Cookie: ${cookie}`)),
  );

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each([
    ['unsigned', []],
    ['signed', ['a signing key that is long enough']],
  ] as [string, string[]][])('%s', (kind, secrets) => {
    const collection = `${kind}_${platform}`;
    const controllers = [NotesController];
    const app = sharedApp(() => ({ platform, sessions: { collection, db, secrets }, controllers }));

    async function begin() {
      const browser = app().client();
      await browser.get('/write?key=cart&value=apples');
      return browser;
    }

    test('no server error, nobody else is let in, nothing is stored', { timeout: 120_000 }, async () => {
      const browsers = await Promise.all([begin(), begin(), begin()]);
      const loot = { name: 'id', real: browsers.map(({ jar }) => jar.get('id')!) };
      const before = await db.collection(collection).find().sort({ _id: 1 }).toArray();
      const random = randomFrom(platform.length + kind.length);
      const cookies = Array.from({ length: COUNT }, () => hostileCookie(random, loot));
      const plain = cookies.filter((cookie) => !isOfNode(cookie));
      commands.on(collection);

      for (let start = 0; start < plain.length; start += AT_ONCE) {
        const sent = plain.slice(start, start + AT_ONCE);
        const replies = await pipeline(app().origin, '/read', sent);
        expect(replies.map(({ status, body }) => ({ status, body }))).toEqual(
          sent.map(() => ({ status: 200, body: '{}' })),
        );
        expect(replies.filter(({ head }) => /set-cookie/i.test(head))).toEqual([]);
      }
      expect(new Set(commands.on(collection))).toEqual(new Set(kind === 'signed' ? [] : ['find']));

      const refused = cookies.filter(isOfNode).slice(0, 20);
      for (const cookie of refused) {
        // It may end the connection before its answer is read.
        const [reply] = await pipeline(app().origin, '/read', [cookie]).catch(() => []);
        expect([400, 200, undefined]).toContain(reply?.status);
        expect(reply?.body ?? '').not.toContain('apples');
      }
      expect(refused.length).toBe(20);

      expect(await db.collection(collection).find().sort({ _id: 1 }).toArray()).toEqual(before);
      expect(app().log.lines).toEqual([]);
      for (const browser of browsers) expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
    });

    test('a session that begins with one gets a token of its own', async () => {
      const browser = await begin();
      const loot = { name: 'id', real: [browser.jar.get('id')!, (await begin()).jar.get('id')!] };
      const random = randomFrom(99);
      const cookies = Array.from({ length: 200 }, () => hostileCookie(random, loot)).filter((one) => !isOfNode(one));
      const [handles, count] = [loot.real.map(handleOf), await db.collection(collection).countDocuments()];

      const replies = await pipeline(app().origin, '/write?key=a&value=b', cookies.slice(0, 40));
      const tokens = replies.map(({ head }) => /set-cookie: id=([^;\r]+)/i.exec(head)?.[1]);
      expect(tokens).not.toContain(undefined);
      expect(new Set(tokens).size).toBe(40);
      for (const [index, token] of tokens.entries()) {
        expect(cookies[index]).not.toContain(token!.slice(0, 16));
        expect(handles).not.toContain(handleOf(token!));
      }
      expect(await db.collection(collection).countDocuments()).toBe(count + 40);
      expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
    });
  });
});
