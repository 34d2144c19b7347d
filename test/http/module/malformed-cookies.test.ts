// Over 200 malformed Cookie headers, as bytes on a socket: no error of the server, no query, and it works on as before.
import { beforeEach, describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { malformedCookies } from '../../support/core/malformed-cookies.js';
import { NotesController, PLATFORMS, recordCommands, sharedApp, testDatabase } from '../../support/http.js';
import { getWith, rawRequest } from '../../support/raw-request.js';

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

/** What Node's own parser lets through is answered as if nothing had come; the rest it refuses itself. */
const ofNode = /[\0\r\n]/;

/** Whole header lines, for what one `Cookie:` can't say. */
const LINES: [what: string, lines: string[]][] = [
  ['no blank behind the colon', ['Cookie:id=x']],
  ['many blanks behind the colon', [`Cookie:${' '.repeat(500)}id=x`]],
  ['an empty header', ['Cookie:']],
  ['two headers', ['Cookie: id=x', 'Cookie: id=y']],
  ['a hundred headers', Array.from({ length: 100 }, (_, index) => `Cookie: id=${index}`)],
  ['the name in capitals', ['COOKIE: id=x']],
  ['the header of an older standard', ['Cookie2: $Version=1; id=x']],
  ['a thousand pairs', [`Cookie: ${'id=x; '.repeat(1000)}`]],
  ['8 KiB of quotes', [`Cookie: id=${'"'.repeat(8192)}`]],
  ['8 KiB of blanks within', [`Cookie: id${' '.repeat(8192)}=x`]],
  ['8 KiB of semicolons', [`Cookie: ${';'.repeat(8192)}`]],
  ['8 KiB of percent signs', [`Cookie: id=${'%'.repeat(8192)}`]],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const app = sharedApp(() => ({ platform, sessions: { collection, db }, controllers: [NotesController] }));
  beforeEach(() => void commands.on(collection));

  test('each of them is as good as none', async () => {
    expect(malformedCookies.length).toBeGreaterThan(200);
    for (const [what, header] of malformedCookies) {
      const { status, head, body } = await rawRequest(app().origin, getWith('/read', `Cookie: ${header}`));
      const seen = { what, status, body, sets: /set-cookie/i.test(head), commands: commands.on(collection) };
      const refused = ofNode.test(header);
      const expected = { status: refused ? 400 : 200, body: refused ? body : '{}', sets: false, commands: [] };
      expect(seen).toEqual({ what, ...expected });
    }
    expect(app().log.lines).toEqual([]);
  });

  test.each(LINES)('%s: as good as none', async (_, lines) => {
    const { status, head, body } = await rawRequest(app().origin, getWith('/read', ...lines));
    expect([status, body, commands.on(collection)]).toEqual([200, '{}', []]);
    expect(head).not.toMatch(/set-cookie/i);
  });

  test('a header that is too long is refused where the session is needed, and nowhere else', async () => {
    // Node itself takes 16 KiB of all headers together.
    const line = `Cookie: ${'a'.repeat(16 * 1024 + 1)}`;
    expect((await rawRequest(app().origin, getWith('/read', line))).status).toBe(431);
    expect(commands.on(collection)).toEqual([]);
  });

  test('however many tokens come, few are looked for, by one query', async () => {
    const tokens = Array.from({ length: 150 }, (_, index) => `id=${formatToken(createToken(index))}`);
    const { status, body } = await rawRequest(app().origin, getWith('/read', `Cookie: ${tokens.join('; ')}`));
    expect([status, body]).toEqual([200, '{}']);
    expect(commands.on(collection)).toHaveLength(1);
  });

  test('a session begins after one of them, and a good token among them opens its own', async () => {
    const browser = app().client();
    const { status, cookies } = await browser.get('/write?key=cart&value=apples', {
      headers: { cookie: 'id="; id=%' },
    });
    expect([status, cookies.length]).toEqual([200, 1]);
    const cookie = `id=; ID=x; id="; id=${browser.jar.get('id')}; id=%00`;
    expect((await browser.get('/read', { headers: { cookie } })).body).toBe('{"cart":"apples"}');
  });
});
