// What the docs recommend for an app behind a proxy, run word for word behind a real nginx.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as sendPlain } from 'node:http';
import { request as sendSecure } from 'node:https';
import { randomBytes } from 'node:crypto';
import { Controller, type DynamicModule, Get, Post } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { beforeEach, describe, expect, test } from 'vitest';
import { MongoSessionsModule, Session, type SessionCookieOptions, SessionEvents } from '../../../lib/index.js';
import type { SessionObject } from '../../../lib/index.js';
import { MemorySessionStore } from '../../../lib/testing/index.js';
import { type Platform, PLATFORMS, read, type Reply, testDatabase } from '../../support/http.js';
import { type DocCode, codeBlocks, codeSpans } from '../../support/doc-code.js';
import { evaluateExpression, runMain } from '../../support/main-file.js';
import { HAS_NGINX, startNginx } from '../../support/nginx.js';

@Controller()
class AccountController {
  @Post('login') login(@Session() session: SessionObject<object>) {
    return session.login('ada');
  }

  @Get('me') me(@Session() session: SessionObject<object>) {
    return { user: session.userId ?? null };
  }
}

const EXPRESS = `const app = await NestFactory.create(AppModule);`;

/** Every proxy setting in the docs, as a whole main.ts. */
const mains: (DocCode & { platform: Platform })[] = [
  ...codeBlocks('ts')
    .filter(({ text }) => /trust ?proxy/i.test(text) && text.includes('NestFactory'))
    .map((block) => ({
      ...block,
      platform: block.text.includes('trustProxy') ? ('fastify' as const) : ('express' as const),
    })),
  ...codeSpans("app.set('trust proxy'").map(({ at, text }) => ({
    at,
    platform: 'express' as const,
    text: `${EXPRESS}\n${text};`,
  })),
  ...codeSpans('new FastifyAdapter({ trustProxy').map(({ at, text }) => ({
    at,
    platform: 'fastify' as const,
    text: `await NestFactory.create(AppModule, ${text});`,
  })),
];

const moduleBlocks = codeBlocks('ts').filter(({ text }) => /cookie: \{[^}]*secure: true/.test(text));
const [location] = codeBlocks('nginx');

/** A main.ts with this value. */
const mainWith = (platform: Platform, value: string) =>
  platform === 'express'
    ? `${EXPRESS}\napp.set('trust proxy', ${value});`
    : `await NestFactory.create(AppModule, new FastifyAdapter({ trustProxy: ${value} }));`;

interface Visit {
  readonly port: number;
  readonly scheme?: 'http' | 'https';
  readonly headers?: Record<string, string>;
}

/** A request of a client whose address is 127.0.0.9, so that nginx has another one. */
async function visit(method: string, path: string, { port, scheme = 'https', headers = {} }: Visit): Promise<Reply> {
  const target = { host: '127.0.0.1', localAddress: '127.0.0.9', port, method, path, headers, agent: false as const };
  const request = scheme === 'https' ? sendSecure({ ...target, rejectUnauthorized: false }) : sendPlain(target);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return read(response);
}

async function start(main: string, sessions: DynamicModule[]) {
  const app = await runMain(main, { imports: sessions, controllers: [AccountController] });
  const addresses: unknown[] = [];
  app.nest
    .get(SessionEvents)
    .of('rejected')
    .subscribe(({ address }) => addresses.push(address));
  return { ...app, ...(await startNginx(location!.text, app.origin)), addresses };
}

const inMemory = (cookie: SessionCookieOptions) => [
  MongoSessionsModule.forRoot({ store: new MemorySessionStore(), cookie }),
];

/** What holds where the platform knows that the client speaks https. */
async function expectTrusted({ https, addresses, log }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const login = await visit('POST', '/login', { port: https });
  expect(login.status).toBe(201);
  expect(login.cookies).toEqual([expect.stringMatching(/^__Host-id=[\w.-]{59,103}; .*Secure/)]);
  const cookie = login.cookies[0]!.split(';')[0]!;
  const me = await visit('GET', '/me', { port: https, headers: { cookie } });
  expect(me.body).toBe('{"user":"ada"}');
  // What the client itself claims counts for nothing.
  const lies = { 'x-forwarded-for': '203.0.113.5', 'x-forwarded-proto': 'http', cookie: '__Host-id=nothing' };
  const liar = await visit('GET', '/me', { port: https, headers: lies });
  expect(liar.body).toBe('{"user":null}');
  expect(addresses).toEqual(['127.0.0.9']);
  expect(log.lines).toEqual([]);
}

beforeEach((context) => context.skip(!HAS_NGINX, 'there is no nginx: apt-get install nginx'));

describe.each(PLATFORMS)('A7: proxy settings on %s', (platform) => {
  const recommended = mains.filter((main) => main.platform === platform);

  test('the docs recommend one', () => {
    expect(recommended.map(({ at }) => at)).not.toEqual([]);
    expect(location?.text).toContain('proxy_pass');
  });

  describe.each(recommended)('$at', ({ text }) => {
    test.each([true, 'auto'] as const)('makes a __Host- cookie with secure: %s over https', async (secure) => {
      await expectTrusted(await start(text, inMemory({ secure })));
    });

    test('makes no secure cookie over http', async () => {
      const { http } = await start(text, inMemory({ secure: 'auto' }));
      const headers = { 'x-forwarded-proto': 'https' };
      const { cookies } = await visit('POST', '/login', { port: http, scheme: 'http', headers });
      expect(cookies).toEqual([expect.stringMatching(/^id=/)]);
      expect(cookies[0]).not.toContain('Secure');
    });
  });

  test.each([
    ...["'127.0.0.1'", "'127.0.0.0/8'", "'loopback, 10.0.0.0/8'", "['loopback', '10.0.0.7']"],
    ...["(address) => address === '127.0.0.1'", 'true'],
  ])('trusts nginx by %s', async (value) => {
    await expectTrusted(await start(mainWith(platform, value), inMemory({ secure: true })));
  });

  test.each([...(platform === 'fastify' ? ['1'] : []), "'10.0.0.0/8'", 'false'])(
    'explains once why %s sets no cookie with secure: true',
    async (value) => {
      const { https, log } = await start(mainWith(platform, value), inMemory({ secure: true }));
      for (let times = 0; times < 2; times += 1)
        expect((await visit('POST', '/login', { port: https })).cookies).toEqual([]);
      expect(log.lines).toEqual([expect.stringMatching(/`trust proxy`.*`trustProxy`.*'loopback'/)]);
    },
  );
});

describe.each(PLATFORMS)('A7: recommended options on %s', (platform) => {
  const database = testDatabase();
  const [main] = mains.filter((each) => each.platform === platform);

  test.each(moduleBlocks)('$at works behind nginx', async ({ text }) => {
    const keys = ['SESSION_SIGNING_KEY', 'SESSION_ENCRYPTION_KEY'].map((name) => [
      name,
      randomBytes(32).toString('base64'),
    ]);
    const process = { env: Object.fromEntries(keys) as Record<string, string> };
    const sessions = (await evaluateExpression(text, { process })) as DynamicModule;
    await expectTrusted(await start(main!.text, [MongooseModule.forRoot(database.uri), sessions]));
  });

  test('the docs recommend some', () => {
    expect(moduleBlocks).not.toEqual([]);
  });
});
