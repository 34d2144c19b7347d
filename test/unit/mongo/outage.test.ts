// When an outage begins, who waits in it, and when it ends.
import { beforeEach, describe, expect, test } from 'vitest';
import { loggedErrors } from '../../../lib/core/errors.js';
import { Outage } from '../../../lib/mongo/commands/outage.js';
import { DeadlineError, toStoreError } from '../../../lib/mongo/store-error.js';

const UNAVAILABLE = { code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 };

let isUsable: boolean;
let lines: string[];
let outage: Outage;
beforeEach(() => {
  isUsable = false;
  lines = [];
  const log = {
    warn: (line: string) => lines.push(`warn: ${line}`),
    error: (line: string) => lines.push(`error: ${line}`),
  };
  outage = new Outage(log, () => isUsable);
});

const late = () => new DeadlineError('find', 100);
const ofDriver = (name: string) => toStoreError('find', Object.assign(new Error('failed'), { name }));

/** An operation that ends when the test says so. */
function waiting() {
  let begun = 0;
  let resolve!: (value: string) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<string>((...settle) => ([resolve, reject] = settle));
  const outcome = outage
    .guard('find', () => {
      begun++;
      return promise;
    })
    .catch((error: Error) => error);
  return { outcome, resolve, reject, hasBegun: () => begun === 1 };
}

async function fail(error: Error) {
  const operation = waiting();
  operation.reject(error);
  return operation.outcome;
}

describe('A13: Outage', () => {
  test.each([
    ['a deadline has passed', late],
    ['the driver has found no server', () => ofDriver('MongoServerSelectionError')],
    ['the first connection has failed', () => ofDriver('MongoTopologyClosedError')],
  ])('begins with one line when %s and no primary is known', async (_what, error) => {
    expect(await fail(error())).toMatchObject(UNAVAILABLE);
    expect(lines).toEqual([expect.stringMatching(/^error: MongoDB .* Until then, .* 503\.$/)]);
    const canary = waiting();
    expect(canary.hasBegun()).toBe(true);
    for (let count = 0; count < 3; count++) {
      const other = waiting();
      const refused = await other.outcome;
      expect(refused).toMatchObject(UNAVAILABLE);
      expect(loggedErrors.has(refused as Error)).toBe(true);
      expect(other.hasBegun()).toBe(false);
    }
    canary.reject(late());
    expect(loggedErrors.has((await canary.outcome) as Error)).toBe(true);
    expect(lines).toHaveLength(1);
    // The next one takes its place.
    const next = waiting();
    expect(next.hasBegun()).toBe(true);
    next.resolve('found');
    expect(await next.outcome).toBe('found');
  });

  test.each([
    ['a primary is known, or may be elected', late, true],
    ['a connection has broken, for the next one may hold', () => ofDriver('MongoNetworkError'), false],
    ['the server has refused', () => ofDriver('MongoServerError'), false],
  ])('does not begin if %s', async (_why, error, usable) => {
    isUsable = usable;
    const failure = (await fail(error())) as Error;
    expect(lines).toEqual([]);
    expect(loggedErrors.has(failure)).toBe(false);
    const both = [waiting(), waiting()];
    expect(both.map(({ hasBegun }) => hasBegun())).toEqual([true, true]);
  });

  test('lets everybody pass as soon as a primary is known', async () => {
    await fail(late());
    isUsable = true;
    const both = [waiting(), waiting()];
    expect(both.map(({ hasBegun }) => hasBegun())).toEqual([true, true]);
  });

  test('ends with one line when a server has responded', async () => {
    await fail(late());
    outage.end();
    outage.end();
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^warn: MongoDB answers again, after \d+ s\./)]);
    const both = [waiting(), waiting()];
    expect(both.map(({ hasBegun }) => hasBegun())).toEqual([true, true]);
  });
});
