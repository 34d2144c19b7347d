// Whatever of the module is printed, by console.log, a debugger or an error tracker: no key and no password is in it.
import { inspect, types } from 'node:util';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { getSessionClockToken, getSessionEventsToken, getSessionModelToken } from '../../../lib/index.js';
import { getSessionsToken, getSessionStoreToken, MongoSessionsModule, Session } from '../../../lib/index.js';
import type { SessionObject, SessionOptions } from '../../../lib/index.js';
import { HttpClient, type Platform, PLATFORMS, testDatabase, TestLog } from '../../support/http.js';
import { MODULE_OPTIONS, RESOLVED_OPTIONS, SESSIONS, STORE, STORE_PARTS } from '../../../lib/nest/internal-tokens.js';

const { db, name, uri } = testDatabase();
const PASSWORD = 'Pa55-of-the-database';
const SIGNING = ['a signing key that is a text of its own', Buffer.from('another signing key, as bytes')];
const ENCRYPTION = Buffer.from('7d1f0a6b93c2e85f4412d0b7a96e3c58f0112233445566778899aabbccddeeff', 'hex');
const SECRETS = [PASSWORD, ...SIGNING, ENCRYPTION].map((secret) => Buffer.from(secret as string));
/** As a printer may spell them. */
const SPELLINGS = SECRETS.flatMap((bytes) => [
  bytes.toString('latin1'),
  bytes.toString('hex'),
  bytes.toString('base64'),
  bytes.toString('base64url'),
  [...bytes.subarray(0, 12)].join(', '),
  [...bytes.subarray(0, 12)].join(','),
  [...bytes.subarray(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
]);

@Controller()
class ShowController {
  @Get() show(@Session() session: SessionObject<{ n?: number }>) {
    session.n = (session.n ?? 0) + 1;
    expectClean('a session', inspect(session, { depth: Infinity, showHidden: true }));
    return String(session.n);
  }
}

const REGISTER: Record<string, (options: SessionOptions) => unknown> = {
  forRoot: (options) => MongoSessionsModule.forRoot(options),
  'forRootAsync with a factory': (options) => MongoSessionsModule.forRootAsync({ useFactory: () => options }),
  'forRootAsync with a class': (options) => {
    class Factory {
      createSessionOptions = async () => Promise.resolve(options);
    }
    return MongoSessionsModule.forRootAsync({ useClass: Factory });
  },
};

async function start(platform: Platform, register: string) {
  await db.command({ dropUser: 'ann' }).catch(() => {});
  await db.command({ createUser: 'ann', pwd: PASSWORD, roles: [{ role: 'readWrite', db: name }] });
  const options = {
    collection: 'sessions',
    uri: uri.replace('//', `//ann:${PASSWORD}@`).replace(/\?/, `?authSource=${name}&`),
    secrets: SIGNING as string[],
    encryption: { keys: [ENCRYPTION] },
  };
  @Module({ imports: [REGISTER[register]!(options) as never], controllers: [ShowController] })
  class AppModule {}
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const logger = new TestLog();
  const app = await NestFactory.create(AppModule, adapter, { logger, abortOnError: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const client = new HttpClient((await app.getUrl()).replace('localhost', '127.0.0.1'));
  onTestFinished(() => client.close());
  expect([(await client.get('/')).body, (await client.get('/')).body]).toEqual(['1', '2']);
  expect(logger.lines).toEqual([]);
  return app;
}

function expectClean(what: string, text: string): void {
  for (const spelling of SPELLINGS) if (text.includes(spelling)) expect.fail(`${what} shows a secret`);
}

describe.each(PLATFORMS)('A23: on %s', (platform) => {
  const CASES = Object.keys(REGISTER);

  test.each(CASES)('no provider of the module shows a key or the password, registered by %s', async (register) => {
    const app = await start(platform, register);
    const tokens = [getSessionsToken, getSessionEventsToken, getSessionModelToken, getSessionStoreToken];
    const providers = [
      ...[...tokens, getSessionClockToken].map((tokenOf) => tokenOf()),
      ...[MODULE_OPTIONS, RESOLVED_OPTIONS, STORE_PARTS, STORE, SESSIONS, MongoSessionsModule],
    ];
    for (const token of providers) {
      const provider: unknown = app.get(token as never, { strict: false });
      expectClean(String(token), inspect(provider, { depth: Infinity, showHidden: true, maxArrayLength: null }));
      expectClean(String(token), String(jsonOf(provider)));
    }
  });

  test.each(CASES)('nothing that the whole app leads to does, registered by %s', async (register) => {
    const app = await start(platform, register);
    const seen = new Set<unknown>();
    for (const [path, text] of printable([app, ...instancesOf(app)], 'app', seen)) expectClean(path, text);
    // It has come by everything.
    for (const token of [RESOLVED_OPTIONS, STORE, SESSIONS]) expect(seen).toContain(app.get(token as never));
  });
});

test('A23: what is looked for would be found', () => {
  const client = new mongoose.mongo.MongoClient(`mongodb://ann:${PASSWORD}@127.0.0.1:1/`);
  expect(() => expectClean('client', inspect(client, { depth: Infinity, showHidden: true }))).toThrow('secret');
  const secrets = { given: SIGNING, keys: [ENCRYPTION] };
  expect(() => expectClean('options', inspect(secrets))).toThrow('secret');
  expect(() => [...printable({ client }, 'app')].forEach(([path, text]) => expectClean(path, text))).toThrow('secret');
});

/** The container keeps its instances in WeakMaps, whose entries printers show with `showHidden`. */
function instancesOf(app: INestApplication): unknown[] {
  return [...app.get(ModulesContainer).values()].flatMap((module) =>
    [...module.providers.values()].map((wrapper) => wrapper.instance),
  );
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // Circular.
    return undefined;
  }
}

/** Every text and every row of bytes that can be reached without calling anything but what printers call. */
function* printable(root: unknown, label: string, seen = new Set<unknown>()): Generator<[path: string, text: string]> {
  const pending: [string, unknown][] = [[label, root]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [path, value] = next;
    if (typeof value === 'string') yield [path, value];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Uint8Array) {
      yield [path, Buffer.from(value).toString('latin1')];
      continue;
    }
    if (inspect.custom in value) {
      yield [path, inspect(value, { depth: 1 })];
      continue;
    }
    if (types.isMap(value) || types.isSet(value)) pending.push([`${path} entries`, [...value.entries()]]);
    for (const key of Reflect.ownKeys(value)) {
      const { value: member } = Object.getOwnPropertyDescriptor(value, key)! as { value?: unknown };
      pending.push([`${path}.${String(key)}`, member]);
    }
    pending.push([`${path} prototype`, Object.getPrototypeOf(value)]);
  }
}
