// What a session and a request may weigh: refused by name and status, and nothing of it is written.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { SessionException, type SessionOptions } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import type { AnyResponse } from '../response-paths/mark.controller.js';
import { type Handle, startWorld, withCookie } from './support/world.js';

const database = testDatabase();

/** As many keys as that, nested as deep as that, or as many bytes as that. */
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
const deep = (levels: number): object => (levels === 1 ? {} : { in: deep(levels - 1) });

interface Limit {
  name: string;
  options: SessionOptions;
  most: object;
  more: object;
  code: string;
  message: RegExp;
}

const LIMITS: Limit[] = [
  {
    name: 'maxSize',
    options: { maxSize: 1000 },
    // 5 bytes of a document, a type, the key and its zero, 4 bytes of length, and the text's own zero.
    most: { a: 'x'.repeat(987) },
    more: { a: 'x'.repeat(988) },
    code: 'SESSION_TOO_LARGE',
    message: /1001 bytes of BSON, over its limit of 1000; its largest key, "a", .* raise `maxSize`/,
  },
  {
    name: 'maxSize in characters of several bytes',
    options: { maxSize: 1000 },
    most: { a: 'é'.repeat(493) },
    more: { a: 'é'.repeat(494) },
    code: 'SESSION_TOO_LARGE',
    message: /over its limit of 1000/,
  },
  {
    name: 'maxKeys',
    options: { maxKeys: 10 },
    most: keys(10),
    more: keys(11),
    code: 'SESSION_TOO_MANY_KEYS',
    message: /has 11 keys, over its limit of 10.* raise `maxKeys`/,
  },
  {
    name: 'maxDepth',
    options: { maxDepth: 5 },
    most: { a: deep(5) },
    more: { a: deep(6) },
    code: 'SESSION_TOO_DEEP',
    message: /.*/,
  },
  {
    name: 'the default maxKeys',
    options: {},
    most: keys(1000),
    more: keys(1001),
    code: 'SESSION_TOO_MANY_KEYS',
    message: /1000/,
  },
  {
    name: 'the default maxSize',
    options: {},
    most: { a: 'x'.repeat(1024 * 1024 - 13) },
    more: { a: 'x'.repeat(1024 * 1024 - 12) },
    code: 'SESSION_TOO_LARGE',
    message: /1048576/,
  },
];

const put =
  (data: object): Handle =>
  ({ session }) =>
    void Object.assign(session, data);

/** Of an app that answers errors of sessions by itself. */
@Catch(SessionException)
class SessionFilter implements ExceptionFilter<SessionException> {
  catch(exception: SessionException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<AnyResponse & { status(code: number): AnyResponse }>();
    response.status(exception.getStatus()).send({ code: exception.code });
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each(LIMITS)('$name: up to it a session is saved, above it the request fails with 413', async (limit) => {
    const world = await startWorld(platform, { db: database.db, collection: 'sessions', ...limit.options });
    const browser = world.client();
    expect((await world.visit(browser, put(limit.most))).status).toBe(200);
    expect(await world.dataOf(browser)).toEqual(limit.most);
    const documents = () => database.db.collection('sessions').find().toArray();
    const before = await documents();

    for (const client of [browser.clone(), world.client()]) {
      const reply = await world.visit(client, put(limit.more));
      expect([reply.status, reply.cookies]).toEqual([413, []]);
      expect(JSON.parse(reply.body)).toEqual({ statusCode: 413, message: 'Payload Too Large', code: limit.code });
    }

    expect(await documents()).toEqual(before);
    expect(world.app.log.lines.every((line) => line.includes('could not be saved'))).toBe(true);
    await database.db.collection('sessions').deleteMany({});
  });

  test.each(LIMITS)(
    '$name: save() rejects with its code, and says what to do',
    async ({ options, more, code, message }) => {
      const world = await startWorld(platform, options);
      let error: unknown;
      const reply = await world.visit(world.client(), async ({ session }) => {
        Object.assign(session, more);
        await session.save().catch((reason: unknown) => (error = reason));
        for (const key of Object.keys(session)) delete session[key];
      });
      expect(error).toBeInstanceOf(SessionException);
      expect(error).toMatchObject({ code, cause: { code, httpStatus: 413, message: expect.stringMatching(message) } });
      expect([reply.status, reply.cookies, world.store.memory.size]).toEqual([200, [], 0]);
    },
  );

  test('of several changes in one request that is too large, none is written', async () => {
    const world = await startWorld(platform, { maxSize: 1000 });
    const browser = await world.browserWith({ a: 1, b: 1 });
    world.store.takeCalls();
    const reply = await world.visit(browser, ({ session }) => {
      delete session['a'];
      session['b'] = 2;
      session['c'] = 'x'.repeat(1000);
      session.permanent = true;
    });
    expect(reply.status).toBe(413);
    expect(world.store.takeCalls()).toEqual(['find']);
    expect(await world.dataOf(browser)).toEqual({ a: 1, b: 1 });
  });

  test('an app that catches them gets the exception with its code', async () => {
    const world = await startWorld(
      platform,
      { maxKeys: 3, maxCookieHeader: 128 },
      {
        configure: (nest) => void nest.useGlobalFilters(new SessionFilter()),
      },
    );
    const reply = await world.visit(world.client(), async ({ session }) => {
      Object.assign(session, keys(4));
      await session.save();
    });
    expect([reply.status, reply.body]).toEqual([413, '{"code":"SESSION_TOO_MANY_KEYS"}']);
    const long = await world.visit(world.client(), ({ session }) => ({ ...session }), {
      headers: { cookie: `other=${'x'.repeat(128)}` },
    });
    expect([long.status, long.body]).toEqual([431, '{"code":"SESSION_COOKIE_TOO_LONG"}']);
  });

  test('maxCookieHeader: a longer header is not looked at, and 431 for whoever needs the session', async () => {
    const world = await startWorld(platform, { maxCookieHeader: 200 });
    const browser = await world.browserWith();
    const token = browser.jar.get('id')!;
    const header = (length: number) => `id=${token}; x=`.padEnd(length, 'y');
    const visit = (length: number, handle?: Handle) =>
      world.visit(world.client(), handle, { headers: { cookie: header(length) } });
    const look: Handle = ({ session }) => ({ ...session });
    expect((await visit(200, look)).body).toBe('{"a":1}');
    world.store.takeCalls();

    const reply = await visit(201, look);

    expect([reply.status, reply.cookies]).toEqual([431, []]);
    expect(JSON.parse(reply.body)).toEqual({
      statusCode: 431,
      message: 'Request Header Fields Too Large',
      code: 'SESSION_COOKIE_TOO_LONG',
    });
    expect((await visit(201)).body).toBe('seen');
    expect((await visit(201, put({ a: 2 }))).status).toBe(431);
    expect(world.store.takeCalls()).toEqual([]);
    expect(await world.dataOf(withCookie(world.client(), token))).toEqual({ a: 1 });
  });
});
