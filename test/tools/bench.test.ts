// The benchmark's arithmetic, command line and page, on numbers that are made up: nothing here takes the time of anything.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError, readOptions } from '../../bench/options.mjs';
import { makePlan, secondsOf } from '../../bench/plan.mjs';
import { goalRows } from '../../bench/report/goals.mjs';
import { writePages } from '../../bench/report/page.mjs';
import { type Round, median, ratio, ratiosOf } from '../../bench/statistics.mjs';
import { requestsOf } from '../../bench/workloads.mjs';

const root = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** One measurement. */
function round(perSecond: number, commands: Record<string, number> = { find: 1 }): Round {
  return {
    perSecond,
    p50: 1000 / perSecond,
    p99: 3000 / perSecond,
    cpu: 90,
    clientBusy: 0.5,
    bytesOut: 300,
    bytesIn: 400,
    commands,
  };
}

const READ = {
  ...{ workload: 'read', platform: 'express', connections: 64, ours: 'module' },
  measured: {
    module: [200, 300, 220].map((perSecond) => round(perSecond, { find: 0.1 })),
    'by hand': [100, 100, 110].map((perSecond) => round(perSecond)),
    none: [400, 400, 400].map((perSecond) => round(perSecond, {})),
  },
};

describe('ratios', () => {
  test('are those of the same round, with their median and spread', () => {
    expect(ratio(READ.measured, 'module', 'by hand')).toEqual({ ratio: 2, low: 2, high: 3 });
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test('are those of the rounds in which the other has taken part', () => {
    const measured = { module: [2, 4, 9].map((each) => round(each)), none: [round(1)] };
    expect(ratio(measured, 'module', 'none')).toEqual({ ratio: 2, low: 2, high: 2 });
  });

  test('are written with what they compare', () => {
    const where = { workload: 'read', platform: 'express', connections: 64 };
    expect(ratiosOf(READ)).toEqual([
      { ...where, against: 'by hand', ratio: 2, low: 2, high: 3 },
      { ...where, against: 'none', ratio: 0.55, low: 0.5, high: 0.75 },
    ]);
  });

  test('are held against the goals as they are shown', () => {
    const rows = goalRows([READ]).map(({ goal, isReached }) => [goal, isReached]);
    expect(rows).toContainEqual(['read: throughput / by hand, 64 connections', true]);
    expect(rows).toContainEqual(['read: throughput / none, 64 connections', false]);
    expect(rows).toContainEqual(['commands for a read under load, 64 connections', true]);
  });
});

describe('the plan', () => {
  test('ends within 15 minutes, and the quick one within 3', () => {
    // What comes before and after: starting apps, beginning sessions, warming up, storing a million.
    expect(secondsOf(makePlan({})) / 60).toBeLessThan(11);
    expect(secondsOf(makePlan({ isQuick: true })) / 60).toBeLessThan(2.5);
  });

  test('has every workload at every number of connections, always with the hand-written one', () => {
    for (const platform of ['express', 'fastify']) {
      const steps = makePlan({}).filter((step) => step.platform === platform);
      const read = steps.filter(({ workload }) => workload === 'read');
      expect(read.map(({ connections }) => connections)).toEqual([1, 16, 64, 256]);
      for (const step of steps) expect(step.variants).toContain('module');
      for (const step of read) expect(step.variants).toContain('by hand');
      expect(steps.some(({ variants }) => variants.includes('baseline'))).toBe(false);
    }
  });

  test('starts anew the two apps whose difference is judged by some per cent', () => {
    const anew = makePlan({})
      .filter(({ starts }) => starts > 1)
      .map(({ platform, workload, connections, starts, again }) => [platform, workload, connections, starts, again]);
    expect(anew).toEqual(
      ['express', 'fastify'].flatMap((platform) => [
        [platform, 'no cookie', 64, 3, ['module', 'empty middleware']],
        [platform, 'untouched', 64, 3, ['module', 'empty middleware']],
        [platform, 'read', 1, 3, ['module', 'by hand']],
      ]),
    );
    const only = { workload: ['no cookie'], connections: ['64'], variants: ['module', 'moving in'] };
    const [named] = makePlan({ only });
    expect(named).toMatchObject({ starts: 3, rounds: 5, again: ['module', 'moving in'] });
    const [step] = makePlan({ only: { workload: ['read'], connections: ['1'], variants: ['module'] }, rounds: 7 });
    expect(step).toMatchObject({ starts: 1, rounds: 7, again: [] });
  });

  test.each([
    ...['read, 10 ms away', 'read, 100 ms away', 'read, 400 ms away', 'read, 700 ms away', 'read, 2 of 20 silent'],
  ])('measures "%s" when it is named, by hand too, in less than a minute', (workload) => {
    const steps = makePlan({ isQuick: true, only: { workload: [workload] } });
    expect(steps.map(({ platform, variants }) => [platform, variants])).toEqual([
      ['express', ['module', 'by hand']],
      ['fastify', ['module', 'by hand']],
    ]);
    expect(secondsOf(steps)).toBeLessThan(45);
  });

  test('measures what only `--only` names, each by one command', () => {
    const variants = makePlan({}).flatMap((step) => step.variants);
    expect(variants.filter((variant) => ['ambient', 'on demand', 'face'].includes(variant))).toEqual([]);
    expect(makePlan({}).map(({ workload }) => workload)).not.toContain('untouched, with a cookie');
    const planOf = (only: string) => makePlan({ isQuick: true, ...readOptions(['quick', '--only', only]) });
    const where = ['express', 'fastify'].map((platform) => ({ platform, connections: 64 }));
    expect(planOf('workload=read,connections=64,variants=module+ambient')).toMatchObject(
      where.map((step) => ({ ...step, workload: 'read', variants: ['module', 'ambient'] })),
    );
    const workload = 'untouched, with a cookie';
    expect(planOf(`workload=${workload},connections=64,variants=on demand+empty middleware`)).toMatchObject(
      where.map((step) => ({ ...step, workload, variants: ['on demand', 'empty middleware'] })),
    );
  });

  test('measures the workloads of a network in mode far only, unless one is named', () => {
    const workloads = (options: Parameters<typeof makePlan>[0]) => {
      return new Set(makePlan(options).map(({ workload }) => workload));
    };
    const far = workloads({ isFar: true });
    expect(far.size).toBe(5);
    for (const options of [{}, { isQuick: true }])
      expect([...workloads(options)].filter((workload) => far.has(workload))).toEqual([]);
  });

  test('gives each session to one connection, unless it is a burst', () => {
    const visitors = Array.from({ length: 256 }, (_, index) => ({ user: `u${index}`, cookie: '' }));
    for (const connections of [1, 16, 64, 256]) {
      const all = Array.from({ length: connections }, (_, index) =>
        requestsOf({ path: '/read', cookies: 'small' }, visitors, index, connections),
      ).flat();
      expect(new Set(all.map(({ visitor }) => visitor!.user)).size).toBe(256);
      expect(all).toHaveLength(256);
    }
    const burst = Array.from({ length: 64 }, (_, index) =>
      requestsOf({ path: '/read', cookies: 'small', sharedBy: 8 }, visitors, index, 64),
    ).flat();
    expect(new Set(burst.map(({ visitor }) => visitor!.user)).size).toBe(8);
  });
});

describe('the command line', () => {
  test('says what to measure', () => {
    const line = ['quick', '--only', 'workload=20 % writes,connections=1+64,variants=module+by hand', '--rounds', '2'];
    const options = readOptions(line);
    expect(options).toMatchObject({ mode: 'quick', rounds: 2 });
    expect(makePlan({ isQuick: true, ...options })).toMatchObject(
      ['express', 'fastify'].flatMap((platform) =>
        [1, 64].map((connections) => {
          return { platform, connections, workload: '20 % writes', variants: ['module', 'by hand'], rounds: 2 };
        }),
      ),
    );
  });

  test('names workloads with a comma, and the Node to run with', () => {
    const line = ['quick', '--only', 'workload=read, logged in+read,platform=fastify', '--node', process.execPath];
    const options = readOptions(line);
    expect(options.only).toEqual({ workload: ['read, logged in', 'read'], platform: ['fastify'] });
    expect(options.node).toEqual({ path: process.execPath, version: process.versions.node });
  });

  test.each([
    [['slow'], 'there is no mode "slow"'],
    [['--fast'], '--fast'],
    [['pool', '--only', 'workload=read, 10 ms away'], 'pool measures no workload of a network'],
    [['--only', 'workload'], '"workload" is not NAME=VALUE'],
    [['--only', 'colour=red'], 'there is no "colour"'],
    [['--only', 'platform=koa'], 'platform is one of express, fastify, not "koa"'],
    [['--rounds', '0'], '--rounds: a whole number from 1 to 1000, not "0"'],
    [['--seconds', 'ten'], '--seconds: a number from 0.1 to 600, not "ten"'],
    [['--only', 'workload=read, logged out'], 'not "read, logged out"'],
    [['--node', '/nowhere/node'], "--node: /nowhere/node can't be run"],
    [['--baseline', 'nowhere'], 'there is no'],
    [['--json', 'nowhere/ratios.json'], 'there is no folder for nowhere/ratios.json'],
  ])('refuses %j', (line, words) => {
    expect(() => readOptions(line)).toThrow(UsageError);
    expect(() => readOptions(line)).toThrow(words);
  });
});

test('the pages hold what was measured, and their words stay', () => {
  const pages = ['bench/RESULTS.md', 'docs/93-performance.md'].map((path) => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    mkdirSync(dirname(join(root, path)));
    writeFileSync(join(root, path), text);
    return { path, text };
  });
  const rename = (map: (name: string) => string, step: typeof READ) => {
    return Object.fromEntries(Object.entries(step.measured).map(([name, rounds]) => [map(name), rounds]));
  };
  const stored = rename((name) => (name === 'module' ? '1 M stored' : '1 k stored'), READ);
  const pools = rename((name) => (name === 'module' ? '8 connections' : '100 connections'), READ);
  const machine = {
    ...{ date: '2030-01-01', cores: 2, processor: 'one', memoryGiB: 4, system: 'linux x64' },
    ...{ node: '20', mongodb: '6', server: 'path', load: 0.1 },
  };
  writePages({
    root,
    measured: {
      ...{ machine, load: 1, minutes: 12.34 },
      compared: [READ, { ...READ, workload: 'read of 1 M stored', ours: '1 M stored', measured: stored }],
      heap: [
        { platform: 'express', variant: 'module', bytes: 20480 },
        { platform: 'express', variant: 'none', bytes: 10240 },
      ],
      pools: [{ ...READ, variant: 'by hand', ours: '8 connections', measured: pools }],
    },
  });

  const words = (text: string) => text.replaceAll(/(<!-- measured: \w+ -->)[^]*?(<!-- end -->)/g, '$1$2');
  const [results, summary] = pages.map(({ path, text }) => {
    const written = readFileSync(join(root, path), 'utf8');
    expect(words(written)).toBe(words(text));
    expect(written).not.toContain('Not measured yet');
    expect(written).not.toMatch(/NaN|undefined|Infinity/);
    expect(written).toContain('12.3 minutes');
    return written;
  }) as [string, string];
  expect(results).toContain('| read | 64 | 2.00 (2.00–3.00) | 0.55 (0.50–0.75) | 220 |');
  expect(results).toContain('| module | 20.0 (10.0 more than none) |');
  expect(summary).toContain('| read | 64 | express | 2.00 (2.00–3.00) |  |  |  |');
  for (const name of readdirSync(join(root, 'docs/93-performance'))) {
    const picture = readFileSync(join(root, 'docs/93-performance', name), 'utf8');
    expect(picture).not.toMatch(/NaN|undefined|Infinity|="-/);
    expect(results).toContain(`(../docs/93-performance/${name})`);
  }
});
