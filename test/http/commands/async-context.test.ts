// Commands that requests share run in no request's async context; what a request waits for goes on in its own.
import type { Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import mongoose from 'mongoose';
import { afterAll, describe, expect, test } from 'vitest';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { PLATFORMS, startApp, testDatabase } from '../../support/http.js';
import { contextOfRequest, VisitorsController } from './support/visitors.controller.js';

interface Visit {
  readonly path: string;
}

const { uri } = testDatabase();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const clients: mongoose.mongo.MongoClient[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

/** Keeps the context in which each timer was started, which a timer of Node keeps alive. */
class TracedClock extends TestClock {
  readonly contexts: (Visit | undefined)[] = [];

  override startTimer(callback: () => void, milliseconds: number): () => void {
    this.contexts.push(contextOfRequest.getStore());
    return super.startTimer(callback, milliseconds);
  }
}

/** An app as one with nestjs-cls or OpenTelemetry: each request has a store of its own, around everything. */
async function startTracedApp(platform: (typeof PLATFORMS)[number]) {
  const client = new mongoose.mongo.MongoClient(uri, { monitorCommands: true });
  clients.push(client);
  const commands: { name: string; visit: Visit | undefined }[] = [];
  client.on('commandStarted', ({ commandName }) =>
    commands.push({ name: commandName, visit: contextOfRequest.getStore() }),
  );
  const stores: WeakRef<Visit>[] = [];
  const clock = new TracedClock();
  const app = await startApp({
    platform,
    sessions: { collection: `context ${platform}`, client, clock },
    controllers: [VisitorsController],
    configure(nest) {
      const server = nest.getHttpServer() as Server;
      const [listener] = server.listeners('request') as ((...args: unknown[]) => void)[];
      server.removeAllListeners('request');
      server.on('request', (request, response) => {
        const visit = { path: request.url! };
        stores.push(new WeakRef(visit));
        contextOfRequest.run(visit, () => listener!(request, response));
      });
    },
  });
  return { app, clock, commands, stores };
}

describe.each(PLATFORMS)('B23: shared commands on %s', (platform) => {
  test("run in no request's context, and requests go on in their own", async () => {
    const { app, commands } = await startTracedApp(platform);
    const visitors = Array.from({ length: 20 }, () => app.client());
    await Promise.all(visitors.map((visitor, n) => visitor.get(`/begin?who=${n}`)));
    commands.length = 0;
    for (let round = 0; round < 5; round++) {
      await Promise.all(visitors.map((visitor) => visitor.get('/read')));
      await Promise.all(visitors.map((visitor) => visitor.get(`/write?value=${round}`)));
    }
    const of = (wanted: string) => commands.filter(({ name }) => name === wanted);
    expect(of('find').length).toBeGreaterThan(4);
    expect(of('update').length).toBeGreaterThan(4);
    expect(new Set([...of('find'), ...of('update')].map(({ visit }) => visit))).toEqual(new Set([undefined]));
    // Each request alone has its own context again behind everything that it has waited for.
    const replies = await Promise.all(visitors.map((visitor, n) => visitor.get(`/context?who=${n}`)));
    expect(replies.map(({ body }) => body)).toEqual(visitors.map((_, n) => `/context?who=${n}`));
  });

  test("the watch on responses that have closed is in no request's context, whichever starts it", async () => {
    const { app, clock } = await startTracedApp(platform);
    const warned: unknown[] = [];
    const warn = app.log.warn.bind(app.log);
    app.log.warn = (...message) => {
      warned.push(contextOfRequest.getStore());
      warn(...message);
    };
    const visitor = app.client();
    await visitor.get('/begin?who=me');
    await visitor.get('/late');
    await expect.poll(() => clock.contexts).not.toEqual([]);
    contextOfRequest.run({ path: 'where time goes on' }, () => clock.advance(1_000));
    expect(app.log.lines).toEqual([expect.stringContaining('had closed')]);
    expect(warned).toEqual([undefined]);
    expect(new Set(clock.contexts)).toEqual(new Set([undefined]));
  });

  test("don't keep the first request's store alive", async () => {
    const { app, stores } = await startTracedApp(platform);
    const visitor = app.client();
    await visitor.get('/begin?who=me');
    for (let round = 0; round < 3; round++) {
      await visitor.get('/read');
      await visitor.get(`/write?value=${round}`);
    }
    const [, ...rest] = stores;
    const first = rest.slice(0, 4);
    // One that is under way when garbage is collected holds its own, and the last one may be kept by its socket.
    await expect
      .poll(
        async () => {
          await visitor.get('/plain');
          collectGarbage();
          return first.map((store) => store.deref()?.path);
        },
        { timeout: 15_000 },
      )
      .toEqual(first.map(() => undefined));
  });
});
