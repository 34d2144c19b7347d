// The app of somebody who installed the package: compiled to require() in one consumer and to import in the other.
// `node dist/main.js express|fastify` prints its address, and closes when its standard input does.
import 'reflect-metadata';
import { Controller, Delete, Get, HttpCode, Module, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { MongoSessionsModule, Session, type SessionObject } from 'nestjs-mongo-sessions';

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    visits?: number;
  }
}

@Controller('visits')
class VisitsController {
  @Get()
  show(@Session('visits') visits = 0): { visits: number } {
    return { visits };
  }

  @Post()
  add(@Session() session: SessionObject): { visits: number } {
    session.visits = (session.visits ?? 0) + 1;
    return { visits: session.visits };
  }

  @Delete()
  @HttpCode(204)
  async leave(@Session() session: SessionObject): Promise<void> {
    await session.destroy();
  }
}

@Module({
  imports: [MongooseModule.forRoot(process.env['MONGODB_URI']!), MongoSessionsModule.forRoot('sessions')],
  controllers: [VisitsController],
})
class AppModule {}

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
