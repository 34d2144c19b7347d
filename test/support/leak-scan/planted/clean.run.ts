// The same app, which leaks nothing here.
import { expect, test } from 'vitest';
import { createToken } from '../../../../lib/core/token/session-token.js';
import { testDatabase } from '../../mongo.js';
import { SIGNING_KEY, start } from './app.js';

const database = testDatabase();

test('nothing leaks', async () => {
  const { browser, app } = await start(database, { secrets: [SIGNING_KEY] });
  app.log.warn(createToken(0).handle);
  expect((await browser.get('/echo?text=all+is+well')).body).toBe('all is well');
});
