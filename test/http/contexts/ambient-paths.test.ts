// CurrentSession on paths that are known to lose an async context: multipart bodies, streams, and what runs around a handler.
import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import {
  Controller,
  Get,
  Global,
  Injectable,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type PipeTransform,
  Post,
  Query,
  Req,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { describe, expect, test } from 'vitest';
import {
  CurrentSession,
  MemorySessionStore,
  Session,
  type SessionObject,
  type SessionOptions,
} from '../../../lib/index.js';
import { PLATFORMS, type Platform, startApp } from '../../support/http.js';

/** Knows of no request. */
@Injectable()
class MarkService {
  constructor(private readonly current: CurrentSession<{ mark?: string }>) {}

  mark(text: string): void {
    const { session } = this.current;
    session.mark = `${session.mark ?? ''}${text} `;
  }

  /** The code of the error, if there is no session. */
  async try(): Promise<string> {
    return this.read().catch((error: { code: string }) => error.code);
  }

  async read(): Promise<string> {
    await new Promise(setImmediate);
    return this.current.session.mark ?? 'nothing';
  }
}

@Injectable()
class MarkPipe implements PipeTransform {
  constructor(private readonly service: MarkService) {}

  transform(value: string): string {
    this.service.mark('pipe');
    return value;
  }
}

@Injectable()
class MarkMiddleware implements NestMiddleware {
  constructor(private readonly service: MarkService) {}

  use(_request: unknown, _response: unknown, next: () => void): void {
    this.service.mark('middleware');
    next();
  }
}

@Global()
@Module({ providers: [MarkService], exports: [MarkService] })
class MarkModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(MarkMiddleware).forRoutes('piped');
  }
}

const CHUNKS = 40;
const CHUNK = 'x'.repeat(16_384);

@Controller()
class PathsController {
  constructor(private readonly service: MarkService) {}

  @Get('piped')
  piped(@Query('text', MarkPipe) text: string): Promise<string> {
    this.service.mark(text);
    return this.service.read();
  }

  @Get('asks')
  asks(): Promise<string> {
    return this.service.try();
  }

  @Get('loads')
  loads(@Session() _session: SessionObject): Promise<string> {
    return this.service.try();
  }

  @Get('file')
  file(): StreamableFile {
    this.service.mark('streamed');
    return new StreamableFile(Readable.from(this.#chunks()));
  }

  async *#chunks() {
    for (let count = 0; count < CHUNKS; count++) yield Buffer.from(`${await this.service.read()}${CHUNK}\n`);
  }
}

@Controller()
class MulterController {
  constructor(private readonly service: MarkService) {}

  @UseInterceptors(FileInterceptor('file'))
  @Post('upload')
  upload(@UploadedFile() file: { buffer: Buffer }): Promise<string> {
    this.service.mark(file.buffer.toString('latin1', 0, 12));
    return this.service.read();
  }
}

@Controller()
class FastifyMultipartController {
  constructor(private readonly service: MarkService) {}

  @Post('upload')
  async upload(@Req() request: { file(): Promise<{ toBuffer(): Promise<Buffer> }> }): Promise<string> {
    const part = await request.file();
    this.service.mark((await part.toBuffer()).toString('latin1', 0, 12));
    return this.service.read();
  }

  @Post('parsed')
  async parsed(@Req() { body }: { body: { file: { toBuffer(): Promise<Buffer> } } }): Promise<string> {
    this.service.mark((await body.file.toBuffer()).toString('latin1', 0, 12));
    return this.service.read();
  }
}

const MULTIPART = {
  express: [['upload', {}]],
  fastify: [
    ['upload', {}],
    ['parsed', { attachFieldsToBody: true }],
  ],
} as const;

describe.each(PLATFORMS)('CurrentSession on %s', (platform: Platform) => {
  const start = (options: object = {}, sessions: SessionOptions = {}) =>
    startApp({
      platform,
      imports: [MarkModule],
      controllers: [PathsController, platform === 'express' ? MulterController : FastifyMultipartController],
      sessions: { store: new MemorySessionStore(), ambient: true, ...sessions },
      async configure(nest: INestApplication) {
        const fastify = nest.getHttpAdapter().getInstance() as { register(plugin: unknown, options: object): unknown };
        if (platform === 'fastify') await fastify.register(multipart, options);
      },
    });

  test('is found in middleware of Nest and in a pipe', async () => {
    const client = (await start()).client();
    expect((await client.get('/piped?text=handler')).body).toBe('middleware pipe handler ');
  });

  test('throws SESSION_EXCLUDED on an excluded path', async () => {
    const client = (await start({}, { exclude: ['/asks'] })).client();
    expect((await client.get('/asks')).body).toBe('SESSION_EXCLUDED');
    expect((await client.get('/loads')).body).toBe('nothing');
  });

  test("throws SESSION_NOT_LOADED with read: 'on-demand', until somebody asks", async () => {
    const client = (await start({}, { read: 'on-demand' })).client();
    expect((await client.get('/asks')).body).toBe('SESSION_NOT_LOADED');
    expect((await client.get('/loads')).body).toBe('nothing');
  });

  test('is found while a file is streamed that is longer than the buffers', async () => {
    const client = (await start()).client();
    expect((await client.get('/file')).body).toBe(`streamed ${CHUNK}\n`.repeat(CHUNKS));
  });

  test.each(MULTIPART[platform])('is that of each request behind multipart bodies (%s)', async (path, options) => {
    const app = await start(options);
    const names = Array.from({ length: 20 }, (_, index) => `visitor ${index}`.padEnd(12, '.'));
    const bodies = names.map(async (name) => {
      const part = `content-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain`;
      const body = `--edge\r\n${part}\r\n\r\n${name}${CHUNK.repeat(10)}\r\n--edge--\r\n`;
      const headers = { 'content-type': 'multipart/form-data; boundary=edge' };
      return (await app.client().request(`/${path}`, { method: 'POST', headers, body })).body;
    });
    expect(await Promise.all(bodies)).toEqual(names.map((name) => `${name} `));
  });
});
