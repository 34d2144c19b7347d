// Leaks in a header. It shares its process with another file, which leaks elsewhere.
import { test } from 'vitest';
import { testDatabase } from '../../mongo.js';
import { start } from './app.js';

const database = testDatabase();

test('a cookie in a header', async () => {
  const { browser } = await start(database);
  await browser.get('/header');
});
