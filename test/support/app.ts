// A Nest app as a user writes one, on a real port.
import type { AddressInfo, Server } from 'node:net';
import { type DynamicModule, type INestApplication, type LoggerService, Module } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { SessionOptions } from '../../lib/core/options/session-options.js';
import { MongoSessionsModule } from '../../lib/nest/mongo-sessions.module.js';
import { selfSigned } from './certificate.js';
import { HttpClient } from './http-client.js';
import { leakScan } from './leak-scan/leak-scan.js';

export type Platform = 'express' | 'fastify';

export const PLATFORMS: readonly Platform[] = ['express', 'fastify'];

export interface AppOptions extends Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'> {
  platform: Platform;
  /** Options of `forRoot`; several for several registrations. Leave out to import the module yourself. */
  sessions?: SessionOptions | readonly SessionOptions[];
  /** The proxy in front says the truth, or those that are named do. */
  trustProxy?: boolean | string;
  /** The app speaks TLS itself. */
  tls?: boolean;
  /** Options of Fastify itself. */
  fastify?: ConstructorParameters<typeof FastifyAdapter>[0];
  /** What stands in front of the module: middleware of a platform that was there before Nest. */
  beforeNest?(adapter: AbstractHttpAdapter): void;
  /** What main.ts does before the app listens. */
  configure?(app: INestApplication): void | Promise<void>;
}

export interface TestApp {
  readonly nest: INestApplication;
  readonly platform: Platform;
  readonly origin: string;
  /** Everything that was logged as a warning or an error. */
  readonly log: TestLog;
  /** A new browser; with the cookies of another one. */
  client(twin?: HttpClient): HttpClient;
  close(): Promise<void>;
}

/** Starts an app; it is closed when the test is over. */
export async function startApp(options: AppOptions): Promise<TestApp> {
  const app = await listen(options);
  onTestFinished(() => app.close());
  return app;
}

/** One app for all tests of a `describe`, started before the first and closed after the last. */
export function sharedApp(options: () => AppOptions): () => TestApp {
  let app: TestApp | undefined;
  beforeAll(async () => {
    app = await listen(options());
  });
  afterAll(() => app?.close());
  return () => app!;
}

export class TestLog implements LoggerService {
  readonly lines: string[] = [];

  log(...message: unknown[]): void {
    leakScan()?.saw('log', 'of the app', message);
  }

  warn(...message: unknown[]): void {
    this.log(...message);
    this.lines.push(message.map(String).join(' '));
  }

  error(...message: unknown[]): void {
    this.warn(...message);
  }

  debug(...message: unknown[]): void {
    this.log(...message);
  }

  verbose(...message: unknown[]): void {
    this.log(...message);
  }
}

async function listen(options: AppOptions): Promise<TestApp> {
  const { platform, trustProxy } = options;
  const log = new TestLog();
  const https = options.tls ? selfSigned('localhost') : undefined;
  const fastify = options.fastify ?? { ...(trustProxy && { trustProxy }), ...(https && { https }) };
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(fastify as AppOptions['fastify']);
  if (adapter instanceof ExpressAdapter && trustProxy) adapter.set('trust proxy', trustProxy);
  options.beforeNest?.(adapter);
  const settings = { logger: log, abortOnError: false, ...(https && { httpsOptions: https }) };
  const nest = await NestFactory.create(moduleOf(options), adapter, settings);
  try {
    await options.configure?.(nest);
    await nest.listen(0, '127.0.0.1');
  } catch (error) {
    leakScan()?.saw('error', 'at the start', error);
    await nest.close();
    throw error;
  }
  const { port } = (nest.getHttpServer() as Server).address() as AddressInfo;
  const origin = `${https ? 'https' : 'http'}://127.0.0.1:${port}`;
  const clients: HttpClient[] = [];
  const client = (twin?: HttpClient) => {
    const created = new HttpClient(origin, twin?.jar);
    clients.push(created);
    return created;
  };
  const close = async () => {
    for (const each of clients) each.close();
    await nest.close();
  };
  return { nest, platform, origin, log, client, close };
}

function moduleOf({ imports = [], controllers = [], providers = [], sessions = [] }: AppOptions): DynamicModule {
  const registrations = [sessions].flat();
  @Module({})
  class TestModule {}
  return {
    module: TestModule,
    imports: [...registrations.map((registration) => MongoSessionsModule.forRoot(registration)), ...imports],
    controllers,
    providers,
  };
}
