// MongoDB that is not there: at the start, later, or there but mute. What needs no session works on, what needs one is
// answered soon and without details, and all is well as soon as MongoDB is.
import { MongooseModule } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { MongoSessionsModule } from '../../../lib/index.js';
import { type AppOptions, errorOf, type HttpClient, NotesController, type Platform } from '../../support/http.js';
import { PLATFORMS, type Reply, sharedApp, startApp, type TestApp } from '../../support/http.js';
import { type MongoServer, start } from '../../../tools/mongo-server.mjs';

// It has to be a server that can be killed, also in a run that is given one.
const { MONGODB_URI: _given, ...env } = process.env;
let server: MongoServer;
const member = () => server.members[0]!;
const uriOf = (database: string) => server.uri.replace('/?', `/${database}?`);
beforeAll(async () => {
  server = await start({ durable: true, failpoints: false, env, log: () => {} });
  await member().kill();
});

const clients: mongoose.mongo.MongoClient[] = [];
function openClient(uri: string, options: mongoose.mongo.MongoClientOptions = {}) {
  const client = new mongoose.mongo.MongoClient(uri, options);
  clients.push(client);
  return client;
}
afterAll(async () => {
  for (const client of clients) await client.close(true);
  await server.stop();
});

const collection = 'sessions';
const timeoutMs = 700;
/** Far below the 30 seconds of the driver, far above the deadline on a machine that is busy. */
const SOON = 8_000;

/** With this, the first attempt to connect has failed for good before MongoDB comes: the driver never tries again by itself. */
const impatient = { serverSelectionTimeoutMS: 300 };

const SOURCES: Record<string, (uri: string) => NonNullable<AppOptions['imports']>> = {
  'a uri': (uri) => [MongoSessionsModule.forRoot({ collection, uri, timeoutMs })],
  'a client': (uri) => [MongoSessionsModule.forRoot({ collection, client: openClient(uri), timeoutMs })],
  'a lazy MongooseModule': (uri) => [
    MongooseModule.forRoot(uri, { lazyConnection: true }),
    MongoSessionsModule.forRoot({ collection, timeoutMs }),
  ],
  'an impatient client': (uri) => [
    MongoSessionsModule.forRoot({ collection, client: openClient(uri, impatient), timeoutMs }),
  ],
};

const APPS = PLATFORMS.flatMap((platform) =>
  Object.entries(SOURCES).map(([from, imports]) => ({
    name: `${from} on ${platform}`,
    app: sharedApp(() => ({
      platform,
      imports: imports(uriOf(databaseOf(platform, from))),
      controllers: [NotesController],
    })),
    /** One that has a session since MongoDB is there. */
    known: undefined as HttpClient | undefined,
  })),
);

function databaseOf(platform: Platform, from: string): string {
  return `${platform}_${from.replaceAll(' ', '_')}`;
}

/** A browser with a token that could be one of ours. */
function withToken(app: TestApp): HttpClient {
  const browser = app.client();
  browser.jar.set('id', formatToken(createToken(Date.now())));
  return browser;
}

async function soon(reply: Promise<Reply>): Promise<Reply> {
  const before = performance.now();
  const answer = await reply;
  expect(performance.now() - before).toBeLessThan(SOON);
  return answer;
}

const REFUSAL = [503, '{"statusCode":503,"message":"Service Unavailable","code":"SESSION_STORE_UNAVAILABLE"}', []];
const gist = ({ status, body, cookies }: Reply) => [status, body, cookies];

/** What holds as long as MongoDB is away. */
function describeAway() {
  test.concurrent.each(APPS)('routes without a session work, with a cookie too, by $name', async ({ app, known }) => {
    expect(gist(await soon(app().client().get('/plain')))).toEqual([200, 'plain', []]);
    expect(gist(await soon((known ?? withToken(app())).get('/plain')))).toEqual([200, 'plain', []]);
  });

  test.concurrent.each(APPS)('a session is read as empty where no cookie comes, by $name', async ({ app }) => {
    expect(gist(await soon(app().client().get('/read')))).toEqual([200, '{}', []]);
  });

  test.concurrent.each(APPS)('it is refused where a cookie comes, by $name', async ({ app, known }) => {
    expect(gist(await soon((known ?? withToken(app())).get('/read')))).toEqual(REFUSAL);
  });

  test.concurrent.each(APPS)('a write is refused, and no cookie is set, by $name', async ({ app }) => {
    expect(gist(await soon(app().client().get('/write?key=cart&value=apples')))).toEqual(REFUSAL);
  });
}

/** What holds as soon as it is there. */
function describeThere() {
  test.each(APPS)('sessions work without a restart, by $name', async (each) => {
    const browser = each.app().client();
    const write = async () => (await browser.get('/write?key=cart&value=apples')).status;
    await expect.poll(write, { timeout: 25_000, interval: 100 }).toBe(200);
    expect(gist(await browser.get('/read'))).toEqual([200, '{"cart":"apples"}', []]);
    each.known = browser;
  });
}

describe('MongoDB is not there when the app starts:', () => {
  test.each(APPS)('it starts, and warns, by $name', ({ app }) => {
    const lines = app().log.lines.filter((line) => /MongoDB/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/^MongoDB .+ Until then, requests that need their session are answered with 503\./),
    ]);
  });

  test.each(PLATFORMS)('it does not start on %s with `failFast: true`', async (platform) => {
    const sessions = { collection, uri: uriOf('never'), timeoutMs, failFast: true };
    const before = performance.now();
    const { code, message } = await errorOf(() => startApp({ platform, sessions }));
    expect(performance.now() - before).toBeLessThan(SOON);
    expect([code, message]).toEqual(['SESSION_STORE_UNAVAILABLE', expect.stringContaining('check that it runs')]);
  });

  describeAway();
});

describe('MongoDB comes:', () => {
  beforeAll(() => member().restart());
  describeThere();

  test.each(APPS)('the indexes are made now, by $name', async ({ app }) => {
    const [, from, platform] = /^(.+) on (.+)$/.exec(APPS.find((each) => each.app === app)!.name)!;
    const sessions = openClient(server.uri)
      .db(databaseOf(platform as Platform, from!))
      .collection(collection);
    const names = async () => (await sessions.indexes()).map(({ name }) => name);
    await expect.poll(names).toEqual(['_id_', 'expiresAt_1', 'userId_1']);
  });

  test.each(PLATFORMS)('an app on %s with `failFast: true` starts', async (platform) => {
    const sessions = { collection, uri: uriOf('at_last'), failFast: true };
    const app = await startApp({ platform, sessions, controllers: [NotesController] });
    expect((await app.client().get('/write?key=a&value=1')).status).toBe(200);
  });
});

describe('MongoDB goes:', () => {
  beforeAll(() => member().kill());
  describeAway();
});

describe('MongoDB comes back:', () => {
  beforeAll(() => member().restart());

  test.each(APPS)('the sessions from before are there, by $name', async ({ known }) => {
    const read = async () => (await known!.get('/read')).body;
    await expect.poll(read, { timeout: 25_000, interval: 100 }).toBe('{"cart":"apples"}');
  });

  describeThere();
});

describe.skipIf(process.platform === 'win32')('MongoDB is there, but mute:', () => {
  beforeAll(() => member().kill('SIGSTOP'));
  afterAll(() => member().kill('SIGCONT'));
  describeAway();
});

describe('MongoDB speaks again:', describeThere);
