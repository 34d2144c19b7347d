// `node dist/main.js express|fastify` prints its address, and closes when its standard input does.
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.js';

// Only the chosen platform is loaded: the other one need not be installed.
async function create(platform: string): Promise<INestApplication> {
  if (platform === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
  }
  const { ExpressAdapter } = await import('@nestjs/platform-express');
  return NestFactory.create(AppModule, new ExpressAdapter(), { logger: ['error', 'warn'] });
}

async function main(): Promise<void> {
  const app = await create(process.argv[2] ?? 'express');
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
  process.stdin.resume().once('end', () => void app.close());
}

void main();
