import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

/** Loads the chosen platform only. An app of yours depends on one of the two and calls `NestFactory.create(AppModule)`. */
async function createAdapter(platform: string): Promise<AbstractHttpAdapter> {
  switch (platform) {
    case 'express':
      return new (await import('@nestjs/platform-express')).ExpressAdapter();
    case 'fastify':
      return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
    default:
      throw new Error(`PLATFORM is '${platform}'. Give express or fastify.`);
  }
}

const { PLATFORM = 'express', HOST = '127.0.0.1', PORT = '3000' } = process.env;

const app = await NestFactory.create(AppModule, await createAdapter(PLATFORM));
app.enableShutdownHooks();
await app.listen(Number(PORT), HOST);
console.log(`Listening on ${await app.getUrl()} (${PLATFORM})`);
