// Calls that Node refuses: the real error, whether or not the response had to wait for its session.
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { ObservedStore, PLATFORMS, sharedApp, takeRaw } from '../../support/http.js';
import { lookingFilter } from '../../support/looking-filter.js';
import { route, StageController } from '../../support/world.js';

/** What is called, words of Node's message, and the path of a handler that does it. */
type Refused = [name: string, message: string, path: string];

const refused = (name: string, message: string, calls: (raw: ServerResponse) => unknown): Refused => {
  const path = route(({ session, response }) => {
    session['mark'] = name;
    calls(takeRaw(response));
  }, 'raw');
  return [name, message, path];
};

/** Refused before a header has left. */
const EARLY: Refused[] = [
  refused('end(5)', '"chunk" argument must be', (raw) => raw.end(5)),
  refused('write({})', '"chunk" argument must be', (raw) => raw.write({})),
  refused('write(null)', 'null values', (raw) => raw.write(null)),
  refused('a header name', 'must be a valid HTTP token', (raw) => raw.writeHead(200, { 'not a name': 'x' }).end()),
  refused('a header value', 'Invalid character in header', (raw) => raw.writeHead(200, { 'x-own': 'a\nb' }).end()),
  refused('a status of writeHead', 'Invalid status code: 9999', (raw) => raw.writeHead(9999).end()),
  refused('statusCode', 'Invalid status code: 9999', (raw) => Object.assign(raw, { statusCode: 9999 }).end('refused')),
  refused('statusMessage', 'Invalid character in statusMessage', (raw) =>
    Object.assign(raw, { statusMessage: 'a\nb' }).end('refused'),
  ),
  refused('the status of flushHeaders()', 'Invalid status code: 9999', (raw) =>
    Object.assign(raw, { statusCode: 9999 }).flushHeaders(),
  ),
];

/** Refused in the middle of the body. */
const LATE: Refused[] = [
  refused('end(5)', '"chunk" argument must be', (raw) => (raw.write('begun, '), raw.end(5))),
  refused('write({})', '"chunk" argument must be', (raw) => (raw.write('begun, '), raw.write({}))),
];

const inReply = route(({ session, response }) => {
  session['mark'] = 'reply';
  response.header('not a name', 'x');
  return 'refused';
});
const look = route(({ session }) => ({ mark: session['mark'] }));

const caught = vi.fn();
const providers = [lookingFilter((exception) => void caught(exception))];

describe.each(PLATFORMS)('B20: a call that Node refuses, %s', (platform) => {
  const app = sharedApp(() => ({
    ...{ platform, controllers: [StageController], providers },
    sessions: { store: new ObservedStore() },
  }));

  async function visit(path: string) {
    app().log.lines.length = 0;
    caught.mockClear();
    const browser = app().client();
    await browser.get(look);
    const reply = await browser.get(path).catch(() => undefined);
    const log = app().log.lines.join('\n');
    expect(log).not.toMatch(/could not be saved/);
    return { browser, reply, log };
  }

  it.each(EARLY)('%s: is answered 500, and logged', async (name, message, path) => {
    const { browser, reply, log } = await visit(path);
    expect(reply).toMatchObject({ status: 500, cutOff: false });
    const body = { statusCode: 500, message: expect.stringMatching(/^Internal server/i) as string };
    expect(JSON.parse(reply!.body)).toMatchObject(body);
    // The session was saved before, so its cookie leaves with whatever response there is.
    expect(JSON.parse((await browser.get(look)).body)).toEqual({ mark: name });
    expect(log).toContain(message);
    const error = expect.objectContaining({ message: expect.stringContaining(message) as string }) as unknown;
    if (platform === 'express') expect(caught).toHaveBeenCalledWith(error);
  });

  it.each(LATE)('%s after the headers: breaks the connection, and is logged', async (_, message, path) => {
    const { reply, log } = await visit(path);
    expect(reply?.cutOff ?? true).toBe(true);
    expect(log).toContain(message);
  });

  it("a header name that the platform's own reply has: is answered 500, and logged", async () => {
    const { reply, log } = await visit(inReply);
    expect(reply).toMatchObject({ status: 500, cutOff: false });
    expect(log).toContain('must be a valid HTTP token');
  });
});
