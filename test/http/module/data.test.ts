// Any string is a key and a value, over HTTP into a real MongoDB and back; a session whose last key goes, goes with it.
import { Body, Controller, Post } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import mongoose from 'mongoose';
import { Session } from '../../../lib/index.js';
import { type Notes, NotesController, PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { startWorld } from '../../support/world.js';

const { db } = testDatabase();
const { Binary } = mongoose.mongo;

const TEXTS = [
  ...['größe', 'имя', '名前', 'اسم', 'שם', 'नाम', '👩‍👩‍👧‍👦', '🇨🇭', '𝕏', 'e\u0301', '\u00e9', 'ﷺ', '\u202e', '\ufeff'],
  ...['\u2028'],
  ...['a.b', '.', '..', '$x', '$set', '$', 'a$b', '%', '%2e', '__proto__x', 'constructor', 'toString'],
  ...['hasOwnProperty'],
  ...[
    '',
    ' ',
    '\t',
    '\n',
    '\\',
    '"',
    "'",
    '0',
    '-1',
    'OIDC: https://login.example/',
    'id.token',
    '_id',
    'x'.repeat(500),
  ],
];

@Controller()
class TextController {
  @Post('keep') keep(@Session() session: Notes, @Body() { key, value }: { key: string; value: unknown }): void {
    session[key] = value;
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const app = sharedApp(() => ({
    platform,
    sessions: { collection, db },
    controllers: [NotesController, TextController],
  }));

  test('texts of all kinds come back as keys and as values', async () => {
    const browser = app().client();
    for (const text of TEXTS) expect((await browser.post('/keep', { key: text, value: text })).status).toBe(201);
    const { body } = await browser.get('/read');
    const expected = Object.fromEntries(TEXTS.map((text) => [text, text]));
    expect(JSON.parse(body)).toEqual(expected);
    expect(Object.keys(JSON.parse(body) as object).toSorted()).toEqual([...new Set(TEXTS)].toSorted());
  });

  test('each of them can be a key deep inside', async () => {
    const browser = app().client();
    const value = Object.fromEntries(TEXTS.map((text) => [text, { [text]: [text] }]));
    await browser.post('/keep', { key: 'deep', value });
    expect(JSON.parse((await browser.get('/read')).body)).toEqual({ deep: value });
  });

  test('a key that is removed is gone, the others stay', async () => {
    const browser = app().client();
    await browser.get('/write?key=%24a.b&value=1');
    await browser.get('/write?key=%24a&value=2');
    await browser.get('/erase?key=%24a.b');
    expect((await browser.get('/read')).body).toBe('{"$a":"2"}');
  });

  test('an emptied session loses its document and its cookie', async () => {
    const browser = app().client();
    await browser.get('/write?key=who&value=ann');
    const filter = { 'data.who': 'ann' };
    expect(await db.collection(collection).countDocuments(filter)).toBe(1);

    const { cookies } = await browser.get('/erase?key=who');

    expect(cookies).toEqual([expect.stringMatching(/^id=; Max-Age=0; Path=\//)]);
    expect(browser.jar.size).toBe(0);
    expect(await db.collection(collection).countDocuments(filter)).toBe(0);
    expect((await browser.get('/read')).body).toBe('{}');
  });

  test('data that can not be decoded fail who reads them, and stay as they are', async () => {
    const documents = db.collection(collection);
    const left = () => documents.findOne({ 'data.who': 'bob' }, { projection: { _id: 0, data: 1 } });
    const world = await startWorld(platform, { collection, db });
    const browser = await world.browserWith({ who: 'bob' });
    for (const value of [{ '%bigint': 'hunter2' }, { '%typed': ['Float99Array', new Binary(Buffer.alloc(8))] }]) {
      const broken = { who: 'bob', broken: value };
      const change = () => documents.updateOne({ 'data.who': 'bob' }, { $set: { data: broken } });
      const reloaded = await world.visit(browser, async ({ session }) => {
        await change();
        await session.reload();
      });
      const read = await world.visit(browser, ({ session }) => void session);
      const caught = await world.visit(browser, (visit) => {
        try {
          void visit.session;
        } catch {
          visit.session['a'] = 1;
        }
      });
      expect([reloaded.status, read.status, caught.status]).toEqual([500, 500, 500]);
      const lines = world.app.log.lines.splice(0);
      expect(lines.filter((line) => !/SessionError: .* (can not be decoded|does not know)\./.test(line))).toEqual([]);
      expect(lines.join()).not.toContain('hunter2');
      expect(await left()).toMatchObject({ data: { who: 'bob', broken: expect.anything() } });
      await documents.updateOne({ 'data.who': 'bob' }, { $set: { data: { who: 'bob' } } });
    }
  });

  test('one that never had anything gets neither', async () => {
    const before = await db.collection(collection).countDocuments();
    const { cookies } = await app().client().get('/erase?key=who');
    expect(cookies).toEqual([]);
    expect(await db.collection(collection).countDocuments()).toBe(before);
  });
});
