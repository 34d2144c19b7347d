// Middleware of main.ts has the session, with or without the line that asks for it, and the request is read once all the same.
import type { INestApplication } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../../lib/index.js';
import { type Notes, NotesController, PLATFORMS, recordCommands, startApp, testDatabase } from '../../support/http.js';

const { client, db } = testDatabase({ monitorCommands: true });
const commands = recordCommands(client);

type Next = (error?: unknown) => void;

/** Something like `passport.session()`. */
function greet(request: { session?: Notes; url: string }, _response: unknown, next: Next): void {
  if (request.url === '/write?key=a&value=1') request.session!['greeted'] = true;
  next();
}

describe.each(PLATFORMS)('on %s', (platform) => {
  const collection = `notes_${platform}`;
  const start = (configure: (app: INestApplication) => void) =>
    startApp({ platform, sessions: { collection, db }, controllers: [NotesController], configure });

  async function visit(configure: (app: INestApplication) => void) {
    const app = await start(configure);
    const browser = app.client();
    await browser.get('/write?key=a&value=1');
    commands.on(collection);
    const { body } = await browser.get('/read');
    return { app, browser, body, sent: commands.on(collection) };
  }

  test('the middleware, put first, gives the session to what follows, and the request is read once', async () => {
    const { body, sent } = await visit((app) => {
      app.use(app.get(MongoSessions).middleware);
      app.use(greet);
    });
    expect(body).toBe('{"greeted":true,"a":"1"}');
    expect(sent).toEqual(['find']);
  });

  test('twice is as good as once', async () => {
    const { body, sent } = await visit((app) => {
      app.use(app.get(MongoSessions).middleware);
      app.use(app.get(MongoSessions).middleware);
    });
    expect(body).toBe('{"a":"1"}');
    expect(sent).toEqual(['find']);
  });

  test('without that line the session is there too, and read once', async () => {
    const { body, sent } = await visit((app) => void app.use(greet));
    expect(body).toBe('{"greeted":true,"a":"1"}');
    expect(sent).toEqual(['find']);
  });

  test('a change costs one write, a visitor without a cookie nothing', async () => {
    const { app, browser } = await visit((nest) => void nest.use(nest.get(MongoSessions).middleware));

    await browser.get('/write?key=b&value=2');
    expect(commands.on(collection)).toEqual(['find', 'update']);

    const stranger = await app.client().get('/read');
    expect(stranger.cookies).toEqual([]);
    expect(commands.on(collection)).toEqual([]);
  });
});
