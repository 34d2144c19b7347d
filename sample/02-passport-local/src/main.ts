import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const { HOST = '127.0.0.1', PORT = '3000' } = process.env;

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(Number(PORT), HOST);
console.log(`Listening on ${await app.getUrl()} (express)`);
