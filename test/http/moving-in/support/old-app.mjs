// An app as it was before: a session library of others in a process of its own. Writes sessions as a browser would, and prints
// for each the cookies that the browser then has: `node old-app.mjs <JSON of OldApp> `.
import { once } from 'node:events';
import { createServer } from 'node:http';
const given = JSON.parse(process.argv[2]);
const { library, uri, collection, secrets, shape = {}, data, maxAge, name, count = 1 } = given;

/** Only the library that is asked for: each takes its time to load. */
const load = async (path) => (await import(path)).default;

async function mongoStore() {
  const { MongoStore, createKrupteinAdapter, createWebCryptoAdapter } = await import('connect-mongo');
  // What can't be said in JSON, by its name.
  const SHAPES = {
    transformId: (prefix) => ({ transformId: (sid) => prefix + sid }),
    reversed: () => ({ serialize: (one) => ({ reversed: [...JSON.stringify(one)].toReversed().join('') }) }),
    kruptein: (secret) => ({ cryptoAdapter: createKrupteinAdapter({ secret }) }),
    webCrypto: (secret) => ({ cryptoAdapter: createWebCryptoAdapter({ secret }) }),
  };
  const options = Object.entries(shape).map(([key, value]) => SHAPES[key]?.(value) ?? { [key]: value });
  return MongoStore.create({ mongoUrl: uri, collectionName: collection, ...Object.assign({}, ...options) });
}

const cookie = { ...(maxAge && { maxAge }), path: '/' };
const sessions = () => ({ secret: secrets, resave: false, saveUninitialized: false, cookie, ...(name && { name }) });

async function expressApp(middleware) {
  const express = await load('express');
  const app = express();
  app.use(middleware);
  app.get('/', (request, response) => {
    Object.assign(request.session, data);
    response.end('seen');
  });
  return createServer(app);
}

async function fastifyApp() {
  const fastify = await load('fastify');
  const app = fastify();
  app.register(await load('@fastify/cookie'));
  const prefix = given.cookiePrefix && { cookiePrefix: given.cookiePrefix };
  const shared = { secret: secrets, cookie: { ...cookie, secure: false }, saveUninitialized: false };
  const store = await mongoStore();
  app.register(await load('@fastify/session'), { ...shared, store, ...prefix, ...(name && { cookieName: name }) });
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers
  app.get('/', async (request) => {
    Object.assign(request.session, data);
    return 'seen';
  });
  await app.ready();
  return app.server;
}

async function secureApp() {
  const fastify = await load('fastify');
  const app = fastify();
  app.register(await load('@fastify/secure-session'), {
    key: secrets.map((secret) => Buffer.from(secret, 'base64')),
    cookieName: name,
    cookie: { path: '/' },
  });
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers
  app.get('/', async (request) => {
    for (const [key, value] of Object.entries(data)) request.session.set(key, value);
    return 'seen';
  });
  await app.ready();
  return app.server;
}

async function nestApp() {
  const { SessionModule } = await load('nestjs-session');
  const { Controller, Get, Module, Req } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  class OldController {
    seen(request) {
      Object.assign(request.session, data);
      return 'seen';
    }
  }
  Controller()(OldController);
  Get()(OldController.prototype, 'seen', Object.getOwnPropertyDescriptor(OldController.prototype, 'seen'));
  Req()(OldController.prototype, 'seen', 0);
  // oxlint-disable-next-line typescript/no-extraneous-class
  class AppModule {}
  const imports = [SessionModule.forRoot({ session: { ...sessions(), store: await mongoStore() } })];
  Module({ imports, controllers: [OldController] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.init();
  return app.getHttpServer();
}

async function ironApp() {
  const { getIronSession } = await import('iron-session');
  // oxlint-disable-next-line typescript/no-misused-promises
  return createServer(async (request, response) => {
    const one = await getIronSession(request, response, { cookieName: name, password: secrets[0] });
    Object.assign(one, data);
    await one.save();
    response.end('seen');
  });
}

async function start() {
  if (library === 'cookie-session') {
    const cookieSession = await load('cookie-session');
    return expressApp(cookieSession({ keys: secrets, ...cookie }));
  }
  if (library === 'iron-session') return ironApp();
  if (library === 'nestjs-session') return nestApp();
  if (library === '@fastify/session') return fastifyApp();
  if (library === '@fastify/secure-session') return secureApp();
  const session = await load('express-session');
  if (library === 'express-session') return expressApp(session({ ...sessions(), store: await mongoStore() }));
  const Store = (await load('connect-mongodb-session'))(session);
  return expressApp(session({ ...sessions(), store: new Store({ uri, collection }) }));
}

const server = await start();
if (!server.listening) server.listen(0, '127.0.0.1');
if (!server.listening) await once(server, 'listening');
const { port } = server.address();

const browsers = [];
for (let n = 0; n < count; n++) {
  const reply = await fetch(`http://127.0.0.1:${port}/`);
  if (!reply.ok) throw new Error(`the old app answers ${reply.status}: ${await reply.text()}`);
  await reply.text();
  browsers.push(reply.headers.getSetCookie().map((header) => header.split(';')[0]));
}
console.log(JSON.stringify(browsers));
process.exit(0);
