import { afterAll, describe, expect, inject, test } from 'vitest';
import type { HttpClient, Platform, Reply, TestApp } from '../../../support/http.js';
import { isProof, writeProof } from '../../../support/proof-out.js';
import { eventsDuring, faultApp } from './fault-app.js';
import { OPERATIONS, type Operation } from './operations.js';
import { TROUBLES, type Trouble } from './troubles.js';

interface Meeting {
  readonly operation: Operation;
  readonly trouble: Trouble;
}

/** Every operation meets every fault; without PROOF=1 on one platform or the other, in turns. */
function meetings(platform: Platform): Meeting[] {
  const all = TROUBLES.flatMap((trouble) => OPERATIONS.map((operation) => ({ trouble, operation })));
  const possible = all.filter(({ trouble, operation }) => !(trouble.isOfWrites && operation.command === 'find'));
  if (isProof) return possible;
  const turn = platform === 'express' ? 0 : 1;
  const turnOf = ({ trouble, operation }: Meeting) => TROUBLES.indexOf(trouble) + OPERATIONS.indexOf(operation);
  return possible.filter((meeting) => !meeting.trouble.isLong && turnOf(meeting) % 2 === turn);
}

export function describeFaults(platform: Platform): void {
  const world = faultApp(platform);
  const passed: Record<string, Record<string, boolean>> = {};
  if (isProof) afterAll(() => writeProof(`faults-${platform}`, { platform, passed }));

  const all = meetings(platform);
  const troubles = TROUBLES.filter((trouble) => all.some((meeting) => meeting.trouble === trouble));
  describe.each(troubles)('$name:', (trouble) => {
    const met = all.filter((meeting) => meeting.trouble === trouble);
    // A server of one's own may not let itself be told to fail: then these are skipped, by name.
    const run = trouble.server && !inject('mongo').failpoints ? test.skip : test;
    run.each(met)('$operation.name', async ({ operation }) => {
      (passed[trouble.name] ??= {})[operation.name] = false;
      const app = world.app(trouble.isSlow);
      await world.forgetAll();
      const { browser, handle } = await prepare(app, operation);
      world.forgetLog();
      if (operation.afterMs) world.clock.advance(operation.afterMs);
      await world.begin(trouble, operation.command);

      const [reply, events] = await eventsDuring(app, () => browser.get(operation.path));

      const strikes = world.strikes();
      await world.end();
      const document = await world.document(handle);
      if (trouble.outcome === 'done') {
        expectSuccess(reply, operation);
        expect(events.map(({ type }) => type)).toEqual(operation.events ?? []);
        expect(world.log()).toEqual([]);
        expect(operation.isDone(document)).toBe(true);
      } else {
        const failed = firstToFail(operation, trouble);
        expectFailure(reply, failed, trouble);
        expect(events).toEqual([]);
        expect(world.log()).toEqual([expect.stringMatching(lineOf(failed, trouble))]);
        expect(world.log()[0]).toMatch(trouble.says!);
        expect(failed.isUndone(document) || (trouble.outcome === 'unknown' && failed.isDone(document))).toBe(true);
      }
      expectStrikes(strikes, trouble);
      await expectRecovery(app);
      world.expectNoLeak();
      passed[trouble.name]![operation.name] = true;
    });
  });
}

/** Where everything fails, that is the reading of the session, if there is one. */
function firstToFail(operation: Operation, { meetsAll, network }: Trouble): Operation {
  return (meetsAll || network === 'away') && !operation.isFirst ? OPERATIONS[0]! : operation;
}

/** If the driver knows by then that MongoDB is away, one line tells of the outage, instead of the request's. */
function lineOf({ line }: Operation, { isLong }: Trouble): RegExp {
  const outage = /^MongoDB has not answered .+ Until then, requests that need their session are answered with 503/;
  return isLong ? new RegExp(`${line.source}|${outage.source}`) : line;
}

async function prepare(app: TestApp, { isFirst }: Operation): Promise<{ browser: HttpClient; handle?: string }> {
  const browser = app.client();
  if (isFirst) {
    // So that a connection is there that the fault can meet.
    await app.client().get('/read');
    return { browser };
  }
  await expect.poll(async () => (await browser.get('/set?mark=before')).status, { timeout: 10_000 }).toBe(200);
  // The first 12 bytes of a token are the handle.
  return { browser, handle: Buffer.from(browser.jar.get('id')!.slice(0, 16), 'base64url').toString('hex') };
}

function expectSuccess({ status, cookies }: Reply, { cookie }: Operation): void {
  expect(status).toBe(200);
  expect(cookies).toEqual(
    cookie ? [expect.stringMatching(cookie === 'set' ? /^id=[\w-]{59};/ : /^id=;.*Max-Age=0/i)] : [],
  );
}

function expectFailure({ status, headers, body, cookies }: Reply, { isOptional }: Operation, { code }: Trouble): void {
  expect(cookies).toEqual([]);
  if (isOptional) return expect(status).toBe(200);
  const told = { statusCode: 503, message: 'Service Unavailable', code: code ?? 'SESSION_STORE_UNAVAILABLE' };
  expect([status, JSON.parse(body)]).toEqual([503, told]);
  expect(headers['content-type']).toMatch(/^application\/json/);
}

/** The driver tries once more, after a failure that may be the connection's; a deadline leaves no time for it. */
function expectStrikes(strikes: number, { network, isSlow }: Trouble): void {
  if (typeof network !== 'object') return;
  if (network.kind === 'cut' || network.kind === 'cut-after') expect(strikes).toBe(network.times ?? 2);
  else if (isSlow) expect(strikes).toBeGreaterThanOrEqual(1);
  else expect(strikes).toBe(1);
}

async function expectRecovery(app: TestApp): Promise<void> {
  const browser = app.client();
  await expect
    .poll(async () => (await browser.get('/set?mark=again')).status, { timeout: 10_000, interval: 20 })
    .toBe(200);
  expect((await browser.get('/read')).body).toBe('{"mark":"again"}');
}
