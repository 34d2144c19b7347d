// The same app, which leaks nothing here.
import { expect, test } from 'vitest';
import { testDatabase } from '../../mongo.js';
import { SIGNING_KEY, start } from './app.js';

const database = testDatabase();

test('nothing leaks', async () => {
  const { browser, app, manager } = await start(database, { secrets: [SIGNING_KEY] });
  app.log.warn(manager.blank().token.handle);
  expect((await browser.get('/echo?text=all+is+well')).body).toBe('all is well');
});
