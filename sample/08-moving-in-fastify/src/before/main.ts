import cookies from '@fastify/cookie';
import session from '@fastify/session';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { MongoStore } from 'connect-mongo';
import { settings } from '../shop/settings.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
const store = MongoStore.create({ mongoUrl: settings.mongoUri });
const cookie = { maxAge: settings.maxAge, secure: 'auto' } as const;
await app.register(cookies);
await app.register(session, { store, secret: settings.oldSecret, saveUninitialized: false, cookie });
app.enableShutdownHooks();
await app.listen(settings.port, settings.host);
console.log(`Listening on ${await app.getUrl()}`);
