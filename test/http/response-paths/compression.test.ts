// Compression, in front of the sessions and behind them.
import { Readable } from 'node:stream';
import compress from '@fastify/compress';
import { type INestApplication, type MiddlewareConsumer, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import compression from 'compression';
import { describe, expect } from 'vitest';
import { type Way, describePaths, onRaw, returning, textOf } from './contract.js';

const TEXT = 'compress me, please; '.repeat(5000);

/** Mounted as the middleware of another module, which comes after the sessions. */
@Module({})
class InnerCompression {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(compression()).forRoutes('{*splat}');
  }
}

const zipped = (name: string, path: string, text: string): Way => ({
  ...{ name, path, status: 200, headers: { 'accept-encoding': 'gzip' } },
  check: (reply) => {
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(textOf(reply)).toBe(text);
  },
});

const writing = (isFlushed: boolean) =>
  onRaw((raw) => {
    raw.setHeader('Content-Type', 'text/plain');
    if (isFlushed) raw.flushHeaders();
    raw.write(TEXT);
    raw.end('the end');
  });
// Each piece waits until the one before it has been taken.
const inPieces = onRaw((raw) => {
  raw.setHeader('Content-Type', 'text/plain');
  Readable.from(['a few ', 'small ', 'pieces'], { highWaterMark: 1 }).pipe(raw);
});

const value = zipped(
  'a value',
  returning(() => ({ text: TEXT })),
  JSON.stringify({ text: TEXT }),
);
const ways = [
  value,
  zipped('raw write', writing(false), `${TEXT}the end`),
  zipped('raw flushHeaders', writing(true), `${TEXT}the end`),
  zipped('small pieces', inPieces, 'a few small pieces'),
];

describe('compression in front of the sessions', () => {
  describePaths({ ways, app: { beforeNest: (adapter) => void adapter.use(compression()) } });
});

describe('compression of main.ts', () => {
  describePaths({ ways, app: { configure: (app) => void app.use(compression()) } });
});

describe('compression behind the sessions', () => {
  describePaths({ ways, app: { imports: [InnerCompression] } });
});

describe('compression by @fastify/compress', () => {
  const configure = async (app: INestApplication) => {
    await (app as NestFastifyApplication).register(compress, { threshold: 0 });
  };
  describePaths({ ways: [{ ...value, on: ['fastify'] }], app: { configure } });
});
