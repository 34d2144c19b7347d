// What really goes over the wire: an app behind a proxy or with TLS of its own, and a client that keeps nothing.
import { once } from 'node:events';
import { type IncomingMessage, request as sendPlain } from 'node:http';
import { request as sendSecure } from 'node:https';
import { type INestApplication, Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { onTestFinished } from 'vitest';
import { MongoSessionsModule, Session, type SessionObject, type SessionOptions } from '../../../../lib/index.js';
import { ObservedStore, type Platform, read, type Reply, TestLog } from '../../../support/http.js';
import { TestClock } from '../../../../lib/testing/index.js';
import { selfSigned } from './certificate.js';

@Controller()
class WireController {
  @Get('see')
  see(@Session() session: SessionObject<{ a?: number }>) {
    return { ...session };
  }

  @Get('fill')
  fill(@Session() session: SessionObject<{ a?: number }>) {
    session.a = 1;
  }

  @Get('remember')
  remember(@Session() session: SessionObject<{ a?: number }>) {
    session.a = 1;
    session.permanent = true;
  }

  @Get('login')
  login(@Session() session: SessionObject) {
    return session.login('ada');
  }

  @Get('logout')
  logout(@Session() session: SessionObject) {
    return session.logout();
  }
}

export interface WireOptions {
  sessions?: SessionOptions;
  /** The proxy in front says the truth. */
  trustProxy?: boolean;
  /** The app speaks TLS itself. */
  tls?: boolean;
}

export interface Wire {
  readonly nest: INestApplication;
  readonly log: TestLog;
  readonly store: ObservedStore;
  readonly clock: TestClock;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
}

export async function startWire(platform: Platform, options: WireOptions = {}): Promise<Wire> {
  const [log, store, clock] = [new TestLog(), new ObservedStore(), new TestClock()];
  const sessions = MongoSessionsModule.forRoot({ store, clock, ...options.sessions });
  @Module({ imports: [sessions], controllers: [WireController] })
  class WireModule {}
  const nest = await createApp(platform, WireModule, log, options);
  onTestFinished(() => nest.close());
  await nest.listen(0, '127.0.0.1');
  const { port } = nest.getHttpServer().address() as { port: number };
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const target = { host: '127.0.0.1', port, path, headers, agent: false as const };
    const request = options.tls ? sendSecure({ ...target, rejectUnauthorized: false }) : sendPlain(target);
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return read(response);
  };
  return { nest, log, store, clock, get };
}

function createApp(
  platform: Platform,
  module: object,
  logger: TestLog,
  { trustProxy = false, tls = false }: WireOptions,
): Promise<INestApplication> {
  const https = tls ? selfSigned('localhost') : undefined;
  const settings = { logger, abortOnError: false, ...(https && { httpsOptions: https }) };
  if (platform === 'fastify') {
    const adapter = https ? new FastifyAdapter({ trustProxy, https }) : new FastifyAdapter({ trustProxy });
    return NestFactory.create(module, adapter, settings);
  }
  const adapter = new ExpressAdapter();
  if (trustProxy) adapter.set('trust proxy', true);
  return NestFactory.create(module, adapter, settings);
}

/** The pair of a Set-Cookie header, as a browser sends it back. */
export function pairOf(reply: Reply): string {
  return reply.cookies[0]!.split(';')[0]!;
}

/** Its attributes: everything but the value. */
export function shapeOf(reply: Reply): string[] {
  return reply.cookies.map((header) => header.replace(/=[\w.-]{59,103};/, '=T;'));
}
