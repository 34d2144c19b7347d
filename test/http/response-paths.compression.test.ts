// Compression, in front of the sessions and behind them.
import { Readable } from 'node:stream';
import compress from '@fastify/compress';
import { Controller, Get, type INestApplication, type MiddlewareConsumer, Module, Query, Res } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import compression from 'compression';
import { describe, expect } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import { type AnyResponse, takeRaw } from '../support/http.js';
import { type Way, describePaths, textOf } from './response-paths/contract.js';
import { MarkController, type Marked, put } from './response-paths/mark.controller.js';

type MarkedSession = SessionObject<Marked>;

const TEXT = 'compress me, please; '.repeat(5000);

@Controller()
class CompressedController {
  @Get('value')
  value(@Session() session: MarkedSession, @Query('mark') mark?: string) {
    put(session, mark);
    return { text: TEXT };
  }

  @Get('raw')
  raw(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = takeRaw(response);
    raw.setHeader('Content-Type', 'text/plain');
    raw.write(TEXT);
    raw.end('the end');
  }

  @Get('flush')
  flush(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = takeRaw(response);
    raw.setHeader('Content-Type', 'text/plain');
    raw.flushHeaders();
    raw.write(TEXT);
    raw.end('the end');
  }

  @Get('small')
  small(@Session() session: MarkedSession, @Res() response: AnyResponse, @Query('mark') mark?: string) {
    put(session, mark);
    const raw = takeRaw(response);
    raw.setHeader('Content-Type', 'text/plain');
    // Each piece waits until the one before it has been taken.
    Readable.from(['a few ', 'small ', 'pieces'], { highWaterMark: 1 }).pipe(raw);
  }
}

/** Mounted as the middleware of another module, which comes after the sessions. */
@Module({})
class InnerCompression {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(compression()).forRoutes('{*splat}');
  }
}

const zipped = (text: string): Pick<Way, 'check'> => ({
  check: (reply) => {
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(textOf(reply)).toBe(text);
  },
});

const headers = { 'accept-encoding': 'gzip' };
const value: Way = { name: 'a value', path: '/value', headers, status: 200, ...zipped(JSON.stringify({ text: TEXT })) };
const raw: Way[] = [
  { name: 'raw write', path: '/raw', headers, status: 200, ...zipped(`${TEXT}the end`) },
  { name: 'raw flushHeaders', path: '/flush', headers, status: 200, ...zipped(`${TEXT}the end`) },
  { name: 'small pieces', path: '/small', headers, status: 200, ...zipped('a few small pieces') },
];

const controllers = [MarkController, CompressedController];

describe('compression in front of the sessions', () => {
  const beforeNest = (adapter: AbstractHttpAdapter) => void adapter.use(compression());
  describePaths({ ways: [value, ...raw], app: { controllers, beforeNest } });
});

describe('compression of main.ts', () => {
  const configure = (app: INestApplication) => void app.use(compression());
  describePaths({ ways: [value, ...raw], app: { controllers, configure } });
});

describe('compression behind the sessions', () => {
  describePaths({ ways: [value, ...raw], app: { controllers, imports: [InnerCompression] } });
});

describe('compression by @fastify/compress', () => {
  const configure = async (app: INestApplication) => {
    await (app as NestFastifyApplication).register(compress, { threshold: 0 });
  };
  describePaths({
    ways: [{ ...value, on: ['fastify'] }],
    app: { controllers, configure },
  });
});
