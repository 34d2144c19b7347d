// A million hostile cookies, through all of the library that is there before a handler is asked.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import { RequestCycle } from '../../../lib/core/request/request-cycle.js';
import { Registration } from '../../../lib/core/request/registration.js';
import { MemorySessionStore } from '../../../lib/index.js';
import { codec } from '../../support/core/codec.js';
import { FakeExchange, type FrameworkError } from '../../support/core/fake-exchange.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { type Random, hostileCookie, randomFrom } from './support/hostile-cookies.js';

const HALF = 500_000;
const SESSIONS = 100;
/** As many addresses, so that the counters of unknown tokens are full as well. */
const ADDRESSES = 30_000;
const MEBIBYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

class Target {
  readonly memory = new MemorySessionStore();
  readonly calls = new Map<string, number>();
  readonly rejected = new Map<string, number>();
  readonly others: string[] = [];
  readonly registration: Registration;

  constructor(secrets: string[]) {
    const store = new Proxy(this.memory, {
      get:
        (memory, name: keyof MemorySessionStore) =>
        (...args: never[]) => {
          this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
          return (memory[name] as (...all: never[]) => unknown)(...args);
        },
    });
    this.registration = new Registration(resolveOptions({ store, secrets }), store, codec, {
      emit: (event) => {
        if (event.type !== 'rejected') this.others.push(event.type);
        else this.rejected.set(event.reason, (this.rejected.get(event.reason) ?? 0) + 1);
      },
      log: { warn: (line) => this.others.push(line), error: (line) => this.others.push(line) },
    });
  }

  /** A cookie's value that opens a session. */
  async begin(): Promise<string> {
    const exchange = new FakeExchange(undefined);
    const cycle = new RequestCycle(this.registration, exchange);
    Object.assign(cycle.session, { a: 1 });
    await cycle.commit();
    return /=([^;]+)/.exec(exchange.cookies[0]!)![1]!;
  }

  /** What a request with this header gets: whether it opens a session, and what the answer sets. */
  async visit(cookieHeader: string, remoteAddress: string): Promise<{ opened: boolean; cookies: string[] }> {
    const exchange = Object.assign(new FakeExchange(cookieHeader), { remoteAddress });
    const cycle = new RequestCycle(this.registration, exchange);
    await cycle.open();
    let opened = false;
    try {
      opened = !cycle.session.isNew;
    } catch (error) {
      // A header of over 16 KiB is not looked at.
      if ((error as FrameworkError).status !== 431) throw error;
    }
    await cycle.commit();
    return { opened, cookies: exchange.cookies };
  }
}

async function attack(target: Target, real: string[], count: number, random: Random): Promise<string[]> {
  const through: string[] = [];
  for (let index = 0; index < count; index++) {
    const cookie = hostileCookie(random, { name: '__Host-id', real });
    const { opened, cookies } = await target.visit(cookie, `2001:db8::${(index % ADDRESSES).toString(16)}`);
    if (opened || cookies.length > 0) through.push(cookie);
  }
  return through;
}

describe.each([
  ['unsigned', [], 1],
  ['signed', ['a signing key that is long enough'], 2],
] as [string, string[], number][])('half a million %s cookies', (kind, secrets, seed) => {
  test('open nothing, begin nothing, change nothing, and leave nothing behind', { timeout: 600_000 }, async () => {
    const target = new Target(secrets);
    const real = await Promise.all(Array.from({ length: SESSIONS }, () => target.begin()));
    const random = randomFrom(seed);
    target.calls.clear();
    target.others.length = 0;

    await leakScan()?.whileInventing(async () => {
      // Caches fill, functions are compiled.
      expect(await attack(target, real, HALF / 10, random)).toEqual([]);
      const before = heap();
      expect(await attack(target, real, (HALF / 10) * 9, random)).toEqual([]);
      expect(heap() - before).toBeLessThan(4 * MEBIBYTE);
    });

    expect(target.memory.size).toBe(SESSIONS);
    expect(target.others).toEqual([]);
    // Every sort of refusal was met: the attack came as far as it could.
    const reasons = kind === 'signed' ? ['malformed'] : ['malformed', 'secret', 'unknown'];
    expect([...target.rejected.keys()].toSorted()).toEqual(reasons);
    expect([...target.calls.keys()]).toEqual(kind === 'signed' ? [] : ['find']);
    for (const cookie of real)
      expect(await target.visit(`__Host-id=${cookie}`, 'x')).toEqual({ opened: true, cookies: [] });
  });
});

test('the same attack gets through where a real cookie is among them, so it would be seen', async () => {
  const target = new Target([]);
  const real = [await target.begin(), await target.begin()];
  const tampered = hostileCookie(randomFrom(7), { name: '__Host-id', real });
  expect(await target.visit(`${tampered}; __Host-id=${real[0]}`, 'x')).toMatchObject({ opened: true });
});
