// What a session and a request may weigh: refused by name and status, and nothing of it is written.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { afterEach, describe, expect, test } from 'vitest';
import { SessionException, type SessionOptions } from '../../lib/index.js';
import { type AnyResponse, PLATFORMS, testDatabase } from '../support/http.js';
import { type AnySession, type Handle, startWith, startWorld, tokenOf, withCookie } from '../support/world.js';

const { db } = testDatabase();
const sessions = db.collection('sessions');
const inMongo = { db, collection: 'sessions' };

afterEach(() => sessions.deleteMany({}));

/** As many keys as that, and nested as deep as that. */
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
const deep = (levels: number): object => (levels === 1 ? {} : { in: deep(levels - 1) });
const text = (length: number, letter = 'x') => ({ a: letter.repeat(length) });
const put =
  (data: object): Handle =>
  ({ session }) =>
    void Object.assign(session, data);
const look: Handle = ({ session }) => ({ ...session });

const LARGE = 'SESSION_TOO_LARGE';
const MANY = 'SESSION_TOO_MANY_KEYS';
// 5 bytes of a document, a type, the key and its zero, 4 bytes of length, and the text's own zero.
const BYTES = /1001 bytes of BSON, over its limit of 1000; its largest key, "a", .* raise `maxSize`/;
const LIMITS: [name: string, options: SessionOptions, most: object, more: object, code: string, message: RegExp][] = [
  ['maxSize', { maxSize: 1000 }, text(987), text(988), LARGE, BYTES],
  ['maxSize in long characters', { maxSize: 1000 }, text(493, 'é'), text(494, 'é'), LARGE, /over its limit of 1000/],
  ['maxKeys', { maxKeys: 10 }, keys(10), keys(11), MANY, /has 11 keys, over its limit of 10.* raise `maxKeys`/],
  ['maxDepth', { maxDepth: 5 }, { a: deep(5) }, { a: deep(6) }, 'SESSION_TOO_DEEP', /.*/],
  ['the default maxKeys', {}, keys(1000), keys(1001), MANY, /1000/],
  ['the default maxSize', {}, text(2 ** 20 - 13), text(2 ** 20 - 12), LARGE, /1048576/],
];

/** Of an app that answers errors of sessions by itself. */
@Catch(SessionException)
class SessionFilter implements ExceptionFilter<SessionException> {
  catch(exception: SessionException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<AnyResponse & { status(code: number): AnyResponse }>();
    response.status(exception.getStatus()).send({ code: exception.code });
  }
}

describe.each(PLATFORMS)('limits on %s', (platform) => {
  test.each(LIMITS)(
    '%s: up to it a session is saved, above it the request fails with 413, and save() says what to do',
    async (_, options, most, more, code, message) => {
      const world = await startWorld(platform, { ...inMongo, ...options });
      const browser = world.client();
      expect((await world.visit(browser, put(most))).status).toBe(200);
      expect(await world.dataOf(browser)).toEqual(most);
      const before = await sessions.find().toArray();
      for (const client of [browser.clone(), world.client()]) {
        let error: unknown;
        const reply = await world.visit(client, async ({ session }) => {
          Object.assign(session, more);
          await session.save().catch((reason: unknown) => (error = reason));
        });
        expect([reply.status, reply.cookies]).toEqual([413, []]);
        expect(JSON.parse(reply.body)).toEqual({ statusCode: 413, message: 'Payload Too Large', code });
        expect(error).toBeInstanceOf(SessionException);
        expect(error).toMatchObject({ code, cause: { code, message: expect.stringMatching(message) } });
      }
      expect(await sessions.find().toArray()).toEqual(before);
      expect(world.app.log.lines.every((line) => line.includes('could not be saved'))).toBe(true);
    },
  );

  test('of several changes in one request that is too large, none is written', async () => {
    const { world, browser } = await startWith(platform, { maxSize: 1000 }, { a: 1, b: 1 });
    world.store.takeCalls();
    const reply = await world.visit(browser, ({ session }) => {
      delete session['a'];
      Object.assign(session, { b: 2, c: 'x'.repeat(1000), permanent: true });
    });
    expect([reply.status, world.store.takeCalls()]).toEqual([413, ['find']]);
    expect(await world.dataOf(browser)).toEqual({ a: 1, b: 1 });
  });

  test.each([
    ['length', 2 ** 32 - 1],
    [String(2 ** 32 - 2), 1],
  ])('session.list[%j] = %i of a request is a 413 at once, however many holes the list has', async (name, value) => {
    const { world, browser } = await startWith(platform, {}, { list: [1] });
    const assign = ({ session }: { session: AnySession }) => Reflect.set(session['list'] as unknown[], name, value);
    const reply = await world.visit(browser, ({ session }) => void assign({ session }));
    expect([reply.status, await world.dataOf(browser)]).toEqual([413, { list: [1] }]);
    const refused = await world.ask(browser, ({ session }) => {
      const list = [1];
      Reflect.set(list, name, value);
      return session.compareAndSet('list', list, 1).catch((error: { code: string }) => error.code);
    });
    expect(refused).toBe('SESSION_TOO_LARGE');
  });

  test('a name that `keep` has 60,000 times keeps its key once', async () => {
    const data = { a: 'x'.repeat(100_000), b: 1 };
    const { world, browser } = await startWith(platform, {}, data);
    const keep = Array<string>(60_000).fill('a');
    for (const renew of [
      (session: AnySession) => session.regenerate({ keep }),
      (session: AnySession) => session.login('ada', { keep }),
    ]) {
      expect((await world.visit(browser, ({ session }) => renew(session))).status).toBe(200);
      expect(await world.dataOf(browser)).toEqual({ a: data.a });
    }
  });

  test('an app that catches them gets the exception with its code', async () => {
    const configure = {
      configure: (nest: { useGlobalFilters(filter: object): unknown }) =>
        void nest.useGlobalFilters(new SessionFilter()),
    };
    const world = await startWorld(platform, { maxKeys: 3, maxCookieHeader: 128 }, configure);
    const many = await world.visit(world.client(), put(keys(4)));
    expect([many.status, many.body]).toEqual([413, '{"code":"SESSION_TOO_MANY_KEYS"}']);
    const headers = { cookie: `other=${'x'.repeat(128)}` };
    const long = await world.visit(world.client(), look, { headers });
    expect([long.status, long.body]).toEqual([431, '{"code":"SESSION_COOKIE_TOO_LONG"}']);
  });

  test('maxCookieHeader: a longer header is not looked at, and 431 for whoever needs the session', async () => {
    const { world, browser } = await startWith(platform, { maxCookieHeader: 200 });
    const token = tokenOf(browser);
    const visit = (length: number, handle?: Handle) =>
      world.visit(world.client(), handle, { headers: { cookie: `id=${token}; x=`.padEnd(length, 'y') } });
    expect((await visit(200, look)).body).toBe('{"a":1}');
    world.store.takeCalls();
    const reply = await visit(201, look);
    expect([reply.status, reply.cookies]).toEqual([431, []]);
    const body = { statusCode: 431, message: 'Request Header Fields Too Large', code: 'SESSION_COOKIE_TOO_LONG' };
    expect(JSON.parse(reply.body)).toEqual(body);
    expect((await visit(201)).body).toBe('seen');
    expect((await visit(201, put({ a: 2 }))).status).toBe(431);
    expect(world.store.takeCalls()).toEqual([]);
    expect(await world.dataOf(withCookie(world.client(), token))).toEqual({ a: 1 });
  });
});
