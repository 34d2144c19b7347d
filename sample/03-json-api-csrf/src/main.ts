import { NestFactory } from '@nestjs/core';
import cookieParser from 'cookie-parser';
import { AppModule } from './app.module.js';
import { doubleCsrfProtection } from './csrf.js';
import { startPageServer } from './page-server.js';

const { HOST = '127.0.0.1', PORT = '3000', PAGE_PORT = PORT === '0' ? '0' : '3001' } = process.env;

const page = await startPageServer(Number(PAGE_PORT), HOST);

const app = await NestFactory.create(AppModule);
// One origin, named in full: with `credentials`, whoever is let in can act with its visitors' sessions.
app.enableCors({ origin: page.origin, credentials: true, allowedHeaders: ['content-type', 'x-csrf-token'] });
app.use(cookieParser());
app.use(doubleCsrfProtection);
app.enableShutdownHooks();
await app.listen(Number(PORT), HOST);
page.setApi(await app.getUrl());
app.getHttpServer().once('close', () => page.close());
console.log(`Page on ${page.origin}`);
console.log(`Listening on ${await app.getUrl()} (express)`);
