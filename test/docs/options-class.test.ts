// The class of docs/14-options.md runs as it stands: useClass and useExisting need a method whose name Nest's own error
// doesn't tell.
import { MongooseModule } from '@nestjs/mongoose';
import { afterAll, expect, test, vi } from 'vitest';
import { MongoSessionsModule } from '../../lib/index.js';
import { NotesController, PLATFORMS, startApp, testDatabase } from '../support/http.js';
import { blockOf, codeLoader } from './support/run-code.js';

const FILE = 'session-config.ts';
const database = testDatabase();
const load = codeLoader('options-class');

afterAll(() => vi.unstubAllEnvs());

test.each(PLATFORMS)('`useClass` takes the documented class, on %s', async (platform) => {
  vi.stubEnv('SESSION_SIGNING_KEY', 'a signing key of more than 32 characters');
  const { SessionConfig } = await load(FILE, blockOf('docs/14-options.md', FILE));
  const useClass = SessionConfig as NonNullable<Parameters<typeof MongoSessionsModule.forRootAsync>[0]['useClass']>;
  const app = await startApp({
    platform,
    imports: [MongooseModule.forRoot(database.uri), MongoSessionsModule.forRootAsync({ useClass })],
    controllers: [NotesController],
  });
  const browser = app.client();
  await browser.get('/write?key=cart&value=apples');
  expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
});
