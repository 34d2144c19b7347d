// Three apps in one process over two databases, two of them sharing a collection.
import { describe, expect, test } from 'vitest';
import { NotesController, PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';

const here = testDatabase();
const there = testDatabase();

describe.each(PLATFORMS)('of three apps on %s', (platform) => {
  const collection = `notes_${platform}`;
  const controllers = [NotesController];
  const first = sharedApp(() => ({ platform, sessions: { collection, db: here.db }, controllers }));
  const second = sharedApp(() => ({ platform, sessions: { collection, uri: here.uri }, controllers }));
  const third = sharedApp(() => ({ platform, sessions: { collection, db: there.db }, controllers }));

  /** A browser that has a session of the first app. */
  async function visitor() {
    const browser = first().client();
    await browser.get('/write?key=cart&value=apples');
    return browser;
  }

  /** The same cookies at another app. */
  function take({ jar }: { jar: Map<string, string> }, app: typeof first) {
    const browser = app().client();
    for (const [name, value] of jar) browser.jar.set(name, value);
    return browser;
  }

  test('those that share a collection know the same sessions', async () => {
    const browser = await visitor();
    const elsewhere = take(browser, second);
    expect((await elsewhere.get('/read')).body).toBe('{"cart":"apples"}');

    await elsewhere.get('/write?key=name&value=ann');

    expect((await browser.get('/read')).body).toBe('{"cart":"apples","name":"ann"}');
  });

  test('the third knows nothing of them', async () => {
    const browser = await visitor();
    const elsewhere = take(browser, third);
    expect((await elsewhere.get('/read')).body).toBe('{}');

    const { cookies } = await elsewhere.get('/write?key=name&value=ann');

    expect(cookies).toHaveLength(1);
    expect(elsewhere.jar.get('id')).not.toBe(browser.jar.get('id'));
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
    expect(await there.db.collection(collection).countDocuments()).toBe(1);
  });

  test('one ends without the others', async () => {
    const browser = await visitor();
    await third().close();
    expect((await take(browser, second).get('/read')).body).toBe('{"cart":"apples"}');
    await second().close();
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
  });
});
