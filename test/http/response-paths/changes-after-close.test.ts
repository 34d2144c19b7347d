// Changes that come when the response has closed: nothing saves them, so there is a warning.
import { describe, expect, it } from 'vitest';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { type AnyResponse, type HttpClient, PLATFORMS, rawOf } from '../../support/http.js';
import { type AnySession, type Handle, route, startWith } from '../../support/world.js';

/** Does it as a timer would, as soon as the response has closed, and after every listener of `close`. */
function afterClose(response: AnyResponse, change: () => unknown): void {
  rawOf(response).on('close', () => setImmediate(() => void change()));
}

/** A handler that has looked at its session, and what comes when its response has closed. */
const late =
  (change: (session: AnySession) => unknown): Handle =>
  ({ session, response }) =>
    afterClose(response, () => change(session));

const streaming = route(({ session, response }) => {
  response.hijack?.();
  afterClose(response, () => (session['late'] = 'a stream'));
  rawOf(response).write('a stream');
  rawOf(response).end();
}, 'raw');
const inTime = route(({ session, response }) => {
  response.send('done');
  session['late'] = 'before it has closed';
}, 'raw');

/** What a handler does, or the path of one that responds by itself. */
const LATE: [string, Handle | string][] = [
  ['a listener', ({ session, response }) => void rawOf(response).on('close', () => (session['late'] = 'a listener'))],
  ['a timer', late((session) => (session['late'] = 'a timer'))],
  ['a nested value', late((session) => (session['deep'] = Object.assign(session['deep'] ?? {}, { late: true })))],
  ['a removed key', late((session) => delete session['started'])],
  ['permanent', late((session) => (session.permanent = true))],
  ['a value that is refused', late((session) => (session['late'] = () => 'a function'))],
  [
    'a session that is asked for late',
    ({ request, response }) => afterClose(response, () => ((sessionOf(request) as AnySession)['late'] = true)),
  ],
  ['a stream', streaming],
];
const IN_ORDER: [string, Handle | string][] = [
  ['save()', late((session) => ((session['late'] = 'saved'), session.save()))],
  ['a look', late((session) => session['late'])],
  ['a change before it has closed', inTime],
];
const look = IN_ORDER[1]![1];

describe.each(PLATFORMS)('B26: a session that is changed after its response has closed, %s', (platform) => {
  async function start() {
    const { world, browser } = await startWith(platform, {}, { started: true, deep: {} });
    const request = (client: HttpClient, what: Handle | string) =>
      typeof what === 'string' ? client.get(what) : world.visit(client, what);
    const visit = async (client: HttpClient, what: Handle | string) => {
      await request(client, what);
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      world.clock.advance(1_000);
    };
    return { world, browser, request, visit, log: world.app.log };
  }

  it.each(LATE)('%s: one warning names the fix', async (_, what) => {
    const { browser, visit, log } = await start();
    await visit(browser, what);
    await visit(browser, what);
    expect(log.lines).toEqual([expect.stringMatching(/after its response had closed.*before you respond.*save\(\)/)]);
  });

  it('of a visitor without a session: the same warning', async () => {
    const { world, visit, log } = await start();
    await visit(world.client(), LATE[1]![1]);
    expect(log.lines).toEqual([expect.stringContaining('after its response had closed')]);
  });

  it.each(IN_ORDER)('%s: no warning', async (_, what) => {
    const { browser, visit, log } = await start();
    await visit(browser, what);
    expect(log.lines).toEqual([]);
  });

  it('of a visitor, to nothing that would be saved: no warning', async () => {
    const { world, visit, log } = await start();
    await visit(world.client(), ({ session }) => void (session['user'] = undefined));
    expect(log.lines).toEqual([]);
  });

  it('is found among many others', async () => {
    const { browser, request, visit, log } = await start();
    for (let each = 0; each < 100; each++) await request(browser, look);
    await request(browser, LATE[1]![1]);
    for (let each = 0; each < 20; each++) await request(browser, look);
    expect(log.lines).toEqual([]);
    await visit(browser, look);
    expect(log.lines).toHaveLength(1);
  });
});
