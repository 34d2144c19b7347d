// The session is there for what the body parsers refuse, and what fails with it there ends in a response of ours.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../lib/index.js';
import { ObservedStore, type Platform, PLATFORMS, startApp } from '../../support/http.js';
import { ann, filters } from './support/people.js';

const json = { 'content-type': 'application/json' };

/** What each platform's body parsers refuse. */
const REFUSED: [what: string, status: number, body: string, headers: Record<string, string>][] = [
  ['malformed JSON', 400, '{"a":', json],
  ['a body that is too large', 413, JSON.stringify('x'.repeat(2 ** 21)), json],
  ['a charset that nobody knows', 415, '{}', { 'content-type': 'application/json; charset=klingon' }],
  ['an encoding that nobody knows', 415, '{}', { ...json, 'content-encoding': 'klingon' }],
  ['a form with too many fields', 413, 'a&'.repeat(2000), { 'content-type': 'application/x-www-form-urlencoded' }],
];
const refusedOn = (platform: Platform) =>
  platform === 'express'
    ? REFUSED
    : [...REFUSED.slice(0, 2), ['a type that nobody knows', 415, 'x', { 'content-type': 'a/b' }] as const];

describe.each(PLATFORMS)('B2: an exception filter on %s', (platform) => {
  describe.each([
    ['the default registration', {}],
    ['the only registration, with a name', { name: 'admin' }],
  ])('with %s', (_which, registration) => {
    test.each(refusedOn(platform))('has the session for %s (%i)', async (_, status, body, headers) => {
      const sessions = { ...registration, store: new MemorySessionStore() };
      const { browser } = await ann(platform, { sessions, providers: filters });
      const reply = await browser.request('/body', { method: 'POST', headers, body });
      expect([reply.status, JSON.parse(reply.body)]).toEqual([status, { status, who: 'ann' }]);
    });
  });

  test.each([
    ['malformed JSON', { method: 'POST', headers: json, body: '{"a":' }, '/body'],
    ['a route that is not there', {}, '/nowhere'],
    ['a handler that asks for the session', {}, '/who'],
  ])('that fails with the session itself ends in our 503, after %s', async (_, options, path) => {
    const store = new ObservedStore();
    const { browser } = await ann(platform, { sessions: { store }, providers: filters });
    store.fail('find');
    const { status, body, cookies } = await browser.request(path, options);
    expect([status, cookies]).toEqual([503, []]);
    // Fastify's own last handler adds its `error`.
    expect(JSON.parse(body)).toEqual({
      ...{ statusCode: 503, message: 'Service Unavailable', code: 'SESSION_STORE_UNAVAILABLE' },
      ...(platform === 'fastify' && { error: 'Service Unavailable' }),
    });
    store.fail();
    expect((await browser.get('/who')).body).toBe('{"who":"ann"}');
  });
});

describe('B2: the last error handler of express', () => {
  const notFound = async (fail: (request: { session: unknown }) => void) => {
    @Catch()
    class FailingFilter implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        fail(host.switchToHttp().getRequest());
      }
    }
    const providers = [{ provide: APP_FILTER, useClass: FailingFilter }];
    const app = await startApp({ platform: 'express', sessions: { store: new MemorySessionStore() }, providers });
    return { app, reply: await app.client().get('/nowhere') };
  };

  test('responds to an error of ours that an error handler throws without its stack, and logs it', async () => {
    const { app, reply } = await notFound((request) => void (request.session = {}));
    expect([reply.status, reply.body]).toEqual([500, '{"statusCode":500,"message":"Internal Server Error"}']);
    expect(app.log.lines).toEqual([expect.stringMatching(/^An error handler failed: request\.session can not/)]);
  });

  test("leaves everybody else's errors to Express", async () => {
    const { reply } = await notFound(() => {
      throw Object.assign(new Error('theirs'), { status: 418 });
    });
    expect([reply.status, reply.headers['content-type']]).toEqual([418, 'text/html; charset=utf-8']);
  });
});
