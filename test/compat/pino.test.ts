// Loggers that print request headers print the session's token with them, unless they are told not to.
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { Controller, type DynamicModule, Get, Post } from '@nestjs/common';
import { pinoHttp } from 'pino-http';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject, type SessionOptions } from '../../lib/index.js';
import { type AppOptions, PLATFORMS, startApp } from '../support/http.js';
import { codeSpans } from '../support/doc-code.js';
import { evaluateExpression } from '../support/main-file.js';

@Controller()
class LoginController {
  @Post('login') login(@Session() session: SessionObject) {
    return session.login('ada');
  }

  @Get('me') me(@Session() session: SessionObject) {
    return { user: session.userId };
  }
}

type PinoOptions = { redact?: string[] };
type Installed = Pick<AppOptions, 'imports' | 'configure'>;

/** Its own default misses every route on Fastify with Nest 12. */
const ALL = ['{*splat}'];

const LOGGERS: Record<string, (options: PinoOptions, sink: Writable) => Installed> = {
  'pino-http': (options, sink) => ({ configure: (nest) => void nest.use(pinoHttp(options, sink)) }),
  'nestjs-pino': (options, sink) => ({
    imports: [freshLoggerModule().forRoot({ pinoHttp: [options, sink], forRoutes: ALL })],
  }),
};

const require = createRequire(import.meta.url);

/** nestjs-pino has one logger for the whole process, with the options that it was first given: here it forgets them. */
function freshLoggerModule(): { forRoot(options: object): DynamicModule } {
  for (const path of Object.keys(require.cache)) if (path.includes('nestjs-pino')) delete require.cache[path];
  return (require('nestjs-pino') as { LoggerModule: { forRoot(options: object): DynamicModule } }).LoggerModule;
}

/** What docs/23-security.md says to give them. */
const recommended = codeSpans('redact: [').map(({ text }) => text);

describe.each(PLATFORMS)('B28: loggers on %s', (platform) => {
  describe.each(Object.keys(LOGGERS))('%s', (name) => {
    /** Two requests, a login and a visit; whether their log has the token of the session. */
    async function logsToken(options: PinoOptions, sessions: SessionOptions = {}) {
      let log = '';
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          log += chunk.toString();
          done();
        },
      });
      const app = await startApp({
        platform,
        controllers: [LoginController],
        sessions: { store: new MemorySessionStore(), ...sessions },
        ...LOGGERS[name]!(options, sink),
      });
      const client = app.client();
      const { headers } = await client.post('/login', {});
      const token = client.jar.get('id') ?? String(headers['x-session-token']);
      const given = sessions.transport ? { headers: { 'x-session-token': token } } : {};
      expect((await client.get('/me', given)).body).toBe('{"user":"ada"}');
      await app.close();
      expect(log.match(/"request completed"/g)).toHaveLength(2);
      return log.includes(token);
    }

    test('logs the token by default', async () => {
      expect(await logsToken({})).toBe(true);
    });

    test('logs no token with the recommended setting', async () => {
      expect(recommended).not.toEqual([]);
      for (const setting of recommended)
        expect(await logsToken((await evaluateExpression(`{ ${setting} }`)) as PinoOptions)).toBe(false);
    });

    test('logs a token that travels in a header, unless that is named too', async () => {
      const transport = { header: 'x-session-token' };
      const redact = ['req.headers["x-session-token"]', 'res.headers["x-session-token"]'];
      expect(await logsToken({}, { transport })).toBe(true);
      expect(await logsToken({ redact }, { transport })).toBe(false);
    });
  });
});

test("B28: Fastify's own logger logs no headers", async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const app = await startApp({
    platform: 'fastify',
    fastify: { logger: { stream } },
    controllers: [LoginController],
    sessions: { store: new MemorySessionStore() },
  });
  const client = app.client();
  await client.post('/login', {});
  await client.get('/me');
  await app.close();
  expect(lines.filter((line) => line.includes('request completed'))).toHaveLength(2);
  expect(lines.join('')).not.toContain(client.jar.get('id'));
});
