// One app of the benchmark, in a process of its own; the apps differ in where the session comes from, and in nothing else. It is told
// what to be by its first argument, tells its port to the runner, answers its questions, and ends with it.
import 'reflect-metadata';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import mongoose from 'mongoose';
import { AppMeter } from './app-meter.mjs';
import { largeSession, smallSession } from './session-data.mjs';
import { createVariant } from './variants/index.mjs';

const { variant, platform, uri, library, maxPoolSize } = JSON.parse(process.argv[2]);
// Before the driver opens its first socket, for it counts what goes through them.
const meter = new AppMeter();
const client = new mongoose.mongo.MongoClient(uri, maxPoolSize ? { maxPoolSize } : {});
const db = client.db();
await client.connect();

const { handlers, imports = [], prepare } = await createVariant(variant, { client, db, library });

/** The routes that are not the variant's own. */
class BenchHandlers extends handlers {
  untouched() {
    return { user: 'nobody', views: 0 };
  }

  async begin(request, response) {
    const { user, size } = request.query;
    if (size === 'logged in') await this.seedLoggedIn(request, smallSession(user), response);
    else await this.seed(request, size === 'large' ? largeSession(user) : smallSession(user), response);
    return { user, views: 0 };
  }

  /** Stays open, with its session read, until it is let go. */
  async hold(request) {
    const answer = await this.read(request);
    await meter.held();
    return answer;
  }
}

for (const path of ['read', 'write', 'login', 'untouched', 'begin', 'hold']) {
  const handler = BenchHandlers.prototype[path];
  const descriptor = { value: handler, configurable: true, writable: true };
  Object.defineProperty(BenchHandlers.prototype, path, descriptor);
  Get(path)(BenchHandlers.prototype, path, descriptor);
  Req()(BenchHandlers.prototype, path, 0);
  Res({ passthrough: true })(BenchHandlers.prototype, path, 1);
}
Controller()(BenchHandlers);

const App = { module: function App() {}, imports, controllers: [BenchHandlers] };
const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(App, adapter, { logger: ['warn', 'error'] });
await prepare?.(app);
await app.listen(0, '127.0.0.1');
meter.watch(app.getHttpServer());

// When the runner is gone, however it went, so is this.
process.once('disconnect', () => process.exit());
process.on('message', ({ id, ask }) => {
  if (ask === 'end') process.disconnect();
  else
    meter[ask]().then(
      (value = {}) => process.send({ id, value }),
      (error) => process.send({ id, error: error.message }),
    );
});
process.send({ port: app.getHttpServer().address().port });
