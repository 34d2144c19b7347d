// One app of the benchmark, in a process of its own: `node bench/app.mjs VARIANT PLATFORM MONGODB_URI`. The apps differ in where the
// session comes from, and in nothing else. Prints its port.
import 'reflect-metadata';
import { once } from 'node:events';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import mongoose from 'mongoose';
import { MongoSessionsModule } from '../dist/index.js';

const [variant, platform, uri] = process.argv.slice(2);
const { MongoClient } = mongoose.mongo;
const client = new MongoClient(uri);
const db = client.db();

/** The session of this library. */
class WithModule {
  read({ session }) {
    return { views: session.views ?? 0 };
  }

  write({ session }) {
    session.views = (session.views ?? 0) + 1;
    return { views: session.views };
  }
}

const KEY = randomBytes(32);
const byHand = db.collection('by_hand');

/** What one would write oneself: a signed id in the cookie, one findOne for a read, one updateOne for a write. */
class ByHand {
  async read(request) {
    const session = await this.find(request);
    return { views: session?.views ?? 0 };
  }

  async write(request, response) {
    const session = (await this.find(request)) ?? { _id: randomBytes(16).toString('hex'), views: 0 };
    await byHand.updateOne({ _id: session._id }, { $set: { views: session.views + 1 } }, { upsert: true });
    response.header('set-cookie', `id=${session._id}.${sign(session._id)}; Path=/; HttpOnly; SameSite=Lax`);
    return { views: session.views + 1 };
  }

  find(request) {
    const [, id, signature] = /(?:^|; )id=([0-9a-f]{32})\.([\w-]{43})/.exec(request.headers.cookie ?? '') ?? [];
    if (!id || !timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id)))) return undefined;
    return byHand.findOne({ _id: id });
  }
}

function sign(id) {
  return createHmac('sha256', KEY).update(id).digest('base64url');
}

/** No session at all: what HTTP and the framework take. */
class Without {
  read() {
    return { views: 1 };
  }

  write() {
    return { views: 1 };
  }
}

const VARIANTS = { module: WithModule, 'by hand': ByHand, none: Without };

const Handlers = VARIANTS[variant];
for (const path of ['read', 'write']) {
  const descriptor = Object.getOwnPropertyDescriptor(Handlers.prototype, path);
  Get(path)(Handlers.prototype, path, descriptor);
  Req()(Handlers.prototype, path, 0);
  Res({ passthrough: true })(Handlers.prototype, path, 1);
}
Controller()(Handlers);

const imports = variant === 'module' ? [MongoSessionsModule.forRoot({ client, collection: 'sessions' })] : [];
const App = { module: function App() {}, imports, controllers: [Handlers] };

const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(App, adapter, { logger: ['warn', 'error'] });
await client.connect();
await app.listen(0, '127.0.0.1');
console.log(new URL((await app.getUrl()).replace('[::1]', '127.0.0.1')).port);
// The runner closes the pipe when it is done, or gone.
await once(process.stdin.resume(), 'end');
await app.close();
await client.close();
process.exit();
