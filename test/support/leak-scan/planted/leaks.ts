// Leaks on every channel; each of these tests passes, and the file that calls this has to fail all the same.
import { ConsoleLogger, Logger } from '@nestjs/common';
import { Binary } from 'bson';
import { expect, test } from 'vitest';
import { SessionError } from '../../../../lib/core/errors.js';
import { SessionState } from '../../../../lib/core/session/session-state.js';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';
import { testDatabase } from '../../mongo.js';
import { ENCRYPTION_KEY, SIGNING_KEY, start } from './app.js';

export function plantLeaks(): void {
  const database = testDatabase();

  test('a cookie in a body', async () => {
    const { browser } = await start(database);
    await browser.get('/body');
  });

  test('a cookie in a header', async () => {
    const { browser } = await start(database);
    await browser.get('/header');
  });

  test('an invented token in a body', async () => {
    const { browser } = await start(database);
    const cookie = `id=${formatToken(createToken(0))}`;
    await browser.get('/body', { headers: { cookie } });
  });

  test('half a secret in the log of the app', async () => {
    const { secret } = await start(database);
    new Logger('App').warn(`Cookie ${secret.toString('base64url', 0, 15)}...`);
  });

  test('a secret in the log of the library', async () => {
    const { registration, secret } = await start(database);
    registration.hooks.log.error(`It is ${secret.toString('hex')}.`);
  });

  test('a secret on the console of Nest', async () => {
    const { secret } = await start(database);
    new ConsoleLogger().warn(secret.toString('base64'));
  });

  test('a secret in an event', async () => {
    const { registration, secret } = await start(database);
    const state = new SessionState(0);
    state.token = { handle: secret.toString('hex'), secret };
    registration.context.emit('created', state);
  });

  test('a secret in the cause of an error', async () => {
    const { secret } = await start(database);
    const cause = new Error(JSON.stringify([...secret]));
    expect(new SessionError('SESSION_ENDED', 'The session has ended.', { cause }).cause).toBe(cause);
  });

  test('secrets in the database', async () => {
    const { cookie, secret } = await start(database);
    await database.db.collection('copies').insertOne({ deep: [{ cookie }] });
    await database.db.collection('bytes').insertOne({ binary: new Binary(secret) });
  });

  test('a signing key in a log, an encryption key in the database', async () => {
    const encryption = { keys: [ENCRYPTION_KEY] };
    const { app } = await start(database, { secrets: [SIGNING_KEY], encryption });
    app.log.warn(`secrets: ${SIGNING_KEY}`);
    await database.db.collection('keys').insertOne({ key: ENCRYPTION_KEY.toString('hex') });
  });
}
