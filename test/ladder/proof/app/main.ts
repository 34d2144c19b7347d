// The app of the proof. Its settings come in the environment, its port goes to the parent, which may ask it to measure itself.
import 'reflect-metadata';
import type { Server } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import mongoose from 'mongoose';
import { type Duration, MongoSessionsModule } from '../../../../lib/index.js';
import { LiveController } from './live.controller.js';
import { measure } from './measure.js';
import { ProofController } from './proof.controller.js';
import { SocketGateway } from './socket.gateway.js';
import { watchReads } from './watch-reads.js';

const {
  MONGO_URI: uri = '',
  PLATFORM: platform = 'express',
  PORT: port = '0',
  IDLE_TIMEOUT: idleTimeout,
  CHANGE_STREAM: changeStream = '',
  WITHOUT_SESSIONS: withoutSessions = '',
} = process.env;

const client = new mongoose.mongo.MongoClient(uri, { monitorCommands: true });
const reads = watchReads(client);

const sessions = MongoSessionsModule.forRoot({
  client,
  collection: 'sessions',
  ...(idleTimeout && { idleTimeout: idleTimeout as Duration }),
  watch: { changeStream: changeStream !== '' },
});

@Module({
  ...(withoutSessions === '' && { imports: [sessions], controllers: [LiveController, ProofController] }),
  providers: [SocketGateway],
})
class ProofModule {}

const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(ProofModule, adapter, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(Number(port), '127.0.0.1');
const server = app.getHttpServer() as Server;

process.on('message', () => process.send!({ ...measure([server, client]), reads }));
// Nobody is left to be served.
process.on('disconnect', () => process.exit());
process.send!({ port: (server.address() as { port: number }).port });
