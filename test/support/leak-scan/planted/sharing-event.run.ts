// Leaks in an event and on the console. It shares its process with another file, which leaks elsewhere.
import { ConsoleLogger } from '@nestjs/common';
import { test } from 'vitest';
import { SessionState } from '../../../../lib/core/session/session-state.js';
import { testDatabase } from '../../mongo.js';
import { start } from './app.js';

const database = testDatabase();

test('a secret in an event', async () => {
  const { registration, secret } = await start(database);
  const state = new SessionState(0);
  state.token = { handle: secret.toString('hex'), secret };
  registration.context.emit('created', state);
});

test('a secret on the console of Nest', async () => {
  const { secret } = await start(database);
  new ConsoleLogger().warn(secret.toString('base64'));
});
