// At `app.close()` the module closes what it has opened, and nothing else; of the app itself nothing stays behind.
import { MongooseModule } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MongoSessionsModule } from '../../../lib/index.js';
import { type AppOptions, NotesController, PLATFORMS, startApp, testDatabase } from '../../support/http.js';
import { connectionsOf } from './support/connections.js';

const { client: admin, name, uri } = testDatabase();
const { MongoClient } = mongoose.mongo;
const collection = 'sessions';

/** The same database for a client that can be told from all others. */
const uriOf = (appName: string) => uri.replace(`appName=${name}`, `appName=${appName}`);

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => process.on('unhandledRejection', note));
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** Sockets and servers that keep this process alive, but for those of `admin`. */
async function openSockets() {
  const own = await connectionsOf(admin, name);
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length - own;
}

describe.each(PLATFORMS)('on %s', (platform) => {
  async function runOnce(imports: AppOptions['imports'], sessions: AppOptions['sessions'] = []) {
    const app = await startApp({ platform, imports: imports!, sessions, controllers: [NotesController] });
    const browser = app.client();
    await browser.get('/write?key=cart&value=apples');
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
    return app;
  }

  test('the connections of `uri` are closed', async () => {
    const appName = `uri_${platform}`;
    const app = await runOnce([], { collection, uri: uriOf(appName) });
    expect(await connectionsOf(admin, appName)).toBeGreaterThan(0);
    expect(await openSockets()).toBeGreaterThan(0);

    await app.close();

    await expect.poll(() => connectionsOf(admin, appName)).toBe(0);
    await expect.poll(openSockets).toBe(0);
  });

  test('those of an app whose start fails later are closed, too', async () => {
    const appName = `late_${platform}`;
    let opened = 0;
    const onModuleInit = async () => {
      opened = await connectionsOf(admin, appName);
      throw new Error('no licence');
    };

    const starting = startApp({
      platform,
      sessions: { collection, uri: uriOf(appName) },
      providers: [{ provide: 'licence', useValue: { onModuleInit } }],
    });

    await expect(starting).rejects.toThrow('no licence');
    expect(opened).toBeGreaterThan(0);
    await expect.poll(() => connectionsOf(admin, appName)).toBe(0);
    await expect.poll(openSockets).toBe(0);
  });

  test('the connections of a client stay open', async () => {
    const client = new MongoClient(uriOf(`client_${platform}`));
    const app = await runOnce([], { collection, client });
    await app.close();
    expect(await connectionsOf(admin, `client_${platform}`)).toBeGreaterThan(0);
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
  });

  test('those of a db and of a collection stay open', async () => {
    const client = new MongoClient(uriOf(`db_${platform}`));
    const byDb = await runOnce([], { collection, db: client.db() });
    const byCollection = await runOnce([MongoSessionsModule.forRoot(client.db().collection(collection))]);
    await byDb.close();
    expect((await byCollection.client().get('/write?key=a&value=1')).status).toBe(200);
    await byCollection.close();
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
  });

  test('a mongoose connection stays open', async () => {
    const connection = mongoose.createConnection(uri);
    const app = await runOnce([], { collection, connection });
    await app.close();
    // It serves sessions a moment before it calls itself connected.
    await connection.asPromise();
    expect(connection.readyState).toBe(mongoose.ConnectionStates.connected);
    await connection.close();
  });

  test('the connection of MongooseModule is closed by that, and nothing else is open', async () => {
    const appName = `mongoose_${platform}`;
    const app = await runOnce([MongooseModule.forRoot(uriOf(appName)), MongoSessionsModule.forRoot(collection)]);

    await app.close();

    await expect.poll(() => connectionsOf(admin, appName)).toBe(0);
    await expect.poll(openSockets).toBe(0);
  });
});
