// What every way to answer has to keep, whatever the platform and however slow the store.
import type { ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AppOptions, during, type FailCommand, type HttpClient, type Platform } from '../../support/http.js';
import { PLATFORMS, type Reply, type RequestOptions, sharedApp, type TestApp } from '../../support/http.js';
import { takeRaw, type TestDatabase, testDatabase } from '../../support/http.js';
import { type AnySession, type Handle, route, StageController } from '../../support/world.js';
import { MarkController, put } from './mark.controller.js';

/** A way to answer. With `?mark=` its session is changed, without it only looked at. */
export interface Way extends RequestOptions {
  name: string;
  path: string;
  status: number;
  /** Platforms that have it; all by default. */
  on?: readonly Platform[];
  /** Whether this version of Nest has it; a way that it has not is skipped by name. */
  isOffered?: boolean;
  /** The Set-Cookie headers of others, `['foreign=1']` by default: what the platform itself leaves of them. */
  foreign?: readonly string[] | Record<Platform, readonly string[]>;
  /** What else there is to say about a reply. */
  check?: (reply: Reply, app: TestApp) => void;
}

export interface Paths {
  ways: readonly Way[];
  app?: Omit<AppOptions, 'platform' | 'sessions'>;
  /** Where the mark can be read. */
  mark?: string;
}

const marking =
  (handle: Handle): Handle =>
  (visited) => {
    put(visited.session, visited.request.query['mark']);
    return handle(visited);
  };

/** The path of a handler that changes the session by `?mark=`, and whose result Nest responds with. */
export const returning = (handle: Handle = () => undefined) => route(marking(handle));

/** The same for a handler that responds by itself. */
export const responding = (handle: Handle) => route(marking(handle), 'raw');

/** The same with the response below the platform's one. */
export const onRaw = (respond: (raw: ServerResponse, session: AnySession) => unknown) =>
  responding(({ response, session }) => respond(takeRaw(response), session));

/** A way whose body is this text. */
export const withBody = (name: string, path: string, body: string, status = 200): Way => ({
  ...{ name, path, status },
  check: (reply) => expect(reply.body).toBe(body),
});

const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];
const SPEEDS: readonly { speed: string; delay?: FailCommand }[] = [
  { speed: 'a store that answers at once' },
  { speed: 'a store that writes 25 ms late', delay: { failCommands: WRITES, blockConnection: true, blockTimeMS: 25 } },
];
/** No error that the driver would try again, and one with details. */
export const FAILURE: FailCommand = { failCommands: WRITES, errorCode: 8000 };

/** Set by a middleware in front of everything, as another library would. */
export const FOREIGN = 'foreign=1';

export function describePaths({ ways, app: options = {}, mark = '/mark' }: Paths): void {
  const database = testDatabase();
  const platforms = PLATFORMS.filter((platform) => ways.some(({ on = PLATFORMS }) => on.includes(platform)));
  describe.each(platforms)('%s', (platform) => {
    const app = sharedApp(() => withForeignCookie(platform, database, options));
    const all = ways.filter(({ on = PLATFORMS }) => on.includes(platform));
    const here = all.filter(({ isOffered = true }) => isOffered);
    it.skip.each(all.filter((way) => !here.includes(way)))('$name: not with this version of Nest', () => {});

    describe.each(SPEEDS)('on $speed', ({ delay }) => {
      it.each(here)('$name: a new session is stored before its cookie is there', async (way) => {
        const browser = app().client();
        const reply = await during(database, delay, () => visit(browser, way, 'new'));
        expectAnswer(reply, way, app());
        expect(ownCookies(reply)).toEqual([expect.stringMatching(/^id=[\w-]{59}; Path=\/; HttpOnly; SameSite=Lax$/)]);
        expect(await markOf(browser, mark)).toBe('new');
      });

      it.each(here)('$name: a change is stored before the answer has ended', async (way) => {
        const browser = await knownBrowser(app(), ways[0]!);
        const reply = await during(database, delay, () => visit(browser, way, 'changed'));
        expectAnswer(reply, way, app());
        expect(ownCookies(reply)).toEqual([]);
        expect(await markOf(browser, mark)).toBe('changed');
      });
    });

    it.each(here)('$name: without a change there is neither cookie nor document', async (way) => {
      const browser = app().client();
      const before = await database.db.collection('sessions').countDocuments();
      const reply = await visit(browser, way);
      expectAnswer(reply, way, app());
      expect(ownCookies(reply)).toEqual([]);
      expect(await database.db.collection('sessions').countDocuments()).toBe(before);
    });

    it.each(here)('$name: a failing store gives 503 without cookies and details', async (way) => {
      const strange = app().client();
      const known = await knownBrowser(app(), ways[0]!);
      const replies = await during(database, FAILURE, async () => [
        await visit(strange, way, 'lost'),
        await visit(known, way, 'lost'),
      ]);
      for (const reply of replies) expectFailure(reply, way);
      expect(await markOf(known, mark)).toBe('first');
    });
  });
}

export function visit(browser: HttpClient, way: Pick<Way, 'path'> & RequestOptions, mark?: string): Promise<Reply> {
  return browser.request(mark === undefined ? way.path : `${way.path}?mark=${mark}`, way);
}

/** A browser with a session in which the mark is `first`. */
export async function knownBrowser(app: TestApp, way: Pick<Way, 'path'>): Promise<HttpClient> {
  const browser = app.client();
  await visit(browser, way, 'first');
  expect(browser.jar.has('id')).toBe(true);
  return browser;
}

export async function markOf(browser: HttpClient, path = '/mark'): Promise<unknown> {
  const reply = await browser.clone().get(path);
  return (JSON.parse(reply.body) as { mark?: unknown }).mark;
}

export function ownCookies(reply: Reply): string[] {
  return reply.cookies.filter((cookie) => cookie.startsWith('id='));
}

export function expectFailure(reply: Reply, { method }: Pick<Way, 'method'> = {}): void {
  expect(reply.status).toBe(503);
  expect(reply.cookies).toEqual([]);
  const answer = {
    statusCode: 503,
    message: 'Service Unavailable',
    code: expect.stringMatching(/^SESSION_STORE_/) as unknown,
  };
  if (method !== 'HEAD') expect(JSON.parse(textOf(reply))).toEqual(answer);
  expect(reply.headers).not.toHaveProperty('location');
  expect(reply.headers).not.toHaveProperty('content-disposition');
  expect(reply.cutOff).toBe(false);
}

export function textOf({ bytes, headers }: Reply): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

function expectAnswer(reply: Reply, { status, foreign = [FOREIGN], check }: Way, app: TestApp): void {
  expect(reply.status).toBe(status);
  const expected = 'express' in foreign ? foreign[app.platform] : foreign;
  expect(reply.cookies.filter((cookie) => !cookie.startsWith('id='))).toEqual(expected);
  expect(reply.cutOff).toBe(false);
  check?.(reply, app);
}

function withForeignCookie(platform: Platform, { uri }: TestDatabase, options: Paths['app']): AppOptions {
  return {
    ...options,
    platform,
    controllers: [MarkController, StageController, ...(options?.controllers ?? [])],
    sessions: { uri, collection: 'sessions' },
    configure: async (nest) => {
      nest.use((_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
        response.setHeader('Set-Cookie', FOREIGN);
        next();
      });
      await options?.configure?.(nest);
    },
  };
}
