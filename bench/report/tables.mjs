// The tables of bench/RESULTS.md and docs/93-performance.md, as Markdown.
import { number, table } from '../../tools/report/markdown.mjs';
import { median, ratio } from '../statistics.mjs';
import { commandsOf, goalRows } from './goals.mjs';

const NOTHING = 'Not measured yet.';
const digits = (value) => (Math.abs(value) >= 99.5 ? number(value) : value.toFixed(2));
const spread = ({ ratio: middle, low, high }) => `${digits(middle)} (${digits(low)}–${digits(high)})`;
const middleOf = (rounds, of) => median(rounds.map(of));
const without = (key, value) => (one) => one[key] !== value;

export function runTable({ machine, minutes, load, compared }) {
  const { date, cores, processor, memoryGiB, system, node, mongodb, server } = machine;
  const rounds = compared.flatMap((step) => Object.values(step.measured).map((list) => list.length));
  return table(
    ['', ''],
    [
      ['date', date],
      [
        'machine',
        `${cores} cores (${processor}), ${memoryGiB} GiB of memory, ${system}; client, app and MongoDB share it`,
      ],
      [
        'software',
        `Node ${node}, MongoDB ${mongodb} (a replica set of one on the loopback interface, found as: ${server})`,
      ],
      ['busy', `load average of ${machine.load.toFixed(1)} at the start, ${load.toFixed(1)} at the end`],
      ['measurements', `${number(rounds.reduce((sum, count) => sum + count, 0))}, in ${minutes.toFixed(1)} minutes`],
    ],
  );
}

export function goalTable({ compared }) {
  const rows = goalRows(compared).map(({ platform, goal, limit, isReached, ...found }) => {
    return [platform, goal, limit, spread(found), isReached ? 'reached' : '**not reached**'];
  });
  return table(['platform', 'goal', 'limit', 'measured (lowest–highest)', ''], rows);
}

/** Our throughput divided by theirs, of one platform. */
export function ratioTable({ compared }, platform) {
  const steps = compared.filter((step) => step.platform === platform && step.ours === 'module');
  const others = [...new Set(steps.flatMap((step) => Object.keys(step.measured)))].filter((name) => name !== 'module');
  const rows = steps.map(({ workload, connections, measured, ours }) => {
    const cells = others.map((against) => (measured[against] ? spread(ratio(measured, ours, against)) : ''));
    return [workload, connections, ...cells, number(middleOf(measured.module, (round) => round.perSecond))];
  });
  return table(['workload', 'connections', ...others, 'our requests/s'], rows);
}

/** What a reader wants to know first, and against what: the columns of `expectTable`. */
const EXPECTED = [
  ['read', 64],
  ['write', 64],
  ['login', 64],
  ['write of 100 KiB', 64],
  ['read', 1],
  ['write', 1],
  ['untouched', 64],
  ['no cookie', 64],
];
const AGAINST = {
  'code by hand': ['by hand'],
  'other library, tuned': ['express-session tuned', '@fastify/session tuned'],
  'other library, as it comes': ['express-session', '@fastify/session'],
  'empty middleware': ['empty middleware'],
};

/** The ratios that matter most, on both platforms. */
export function expectTable({ compared }) {
  const rows = EXPECTED.flatMap(([workload, connections]) =>
    compared
      .filter((step) => step.workload === workload && step.connections === connections && step.ours === 'module')
      .map(({ platform, measured, ours }) => {
        const cells = Object.values(AGAINST).map((names) => {
          const against = names.find((name) => measured[name]);
          return against ? spread(ratio(measured, ours, against)) : '';
        });
        return [workload, connections, platform, ...cells];
      }),
  );
  return table(['request', 'connections', 'platform', ...Object.keys(AGAINST)], rows);
}

export function latencyTable({ compared }) {
  const rows = compared
    .filter(({ measured }) => measured.module && measured['by hand'])
    .map(({ platform, workload, connections, ours, measured }) => {
      const of = (variant, metric) => middleOf(measured[variant], (round) => round[metric]).toFixed(2);
      const both = ['p50', 'p99'].flatMap((metric) => [
        `${of('module', metric)}, ${of('by hand', metric)}`,
        spread(ratio(measured, ours, 'by hand', metric)),
      ]);
      return [platform, workload, connections, ...both];
    });
  return table(
    ['platform', 'workload', 'connections', 'p50 in ms: ours, by hand', 'ratio', 'p99 in ms', 'ratio'],
    rows,
  );
}

/** What a request costs: commands to MongoDB, bytes, CPU of the app. */
export function costTable({ compared }) {
  const steps = compared.filter(({ connections, measured }) => measured.module && [1, 8, 64].includes(connections));
  const rows = steps.flatMap(({ platform, workload, connections, measured }) => {
    return Object.entries(measured)
      .filter(([variant]) => variant !== 'empty middleware')
      .map(([variant, rounds]) => {
        const names = [...new Set(rounds.flatMap(({ commands }) => Object.keys(commands)))];
        const each = names.map((name) => `${name} ${digits(middleOf(rounds, ({ commands }) => commands[name] ?? 0))}`);
        const bytes = ['bytesOut', 'bytesIn'].map((metric) => number(middleOf(rounds, (round) => round[metric])));
        const cpu = number(middleOf(rounds, (round) => round.cpu));
        const all = digits(middleOf(rounds, commandsOf));
        const busy = `${Math.round(middleOf(rounds, (round) => round.clientBusy) * 100)} %`;
        return [platform, workload, connections, variant, all, each.join(', '), ...bytes, cpu, busy];
      });
  });
  const head = ['commands', 'which', 'bytes to MongoDB', 'bytes from it', 'CPU of the app in µs', 'client busy'];
  return table(['platform', 'workload', 'connections', 'variant', ...head], rows);
}

export function heapTable({ heap }) {
  const variants = [...new Set(heap.map(({ variant }) => variant))].filter((name) => name !== 'empty middleware');
  const rows = variants.map((variant) => {
    const cells = ['express', 'fastify'].map((platform) => {
      const of = (name) => heap.find((one) => one.variant === name && one.platform === platform)?.bytes;
      const bytes = of(variant);
      if (bytes === undefined) return '';
      const more = variant === 'none' ? '' : ` (${((bytes - of('none')) / 1024).toFixed(1)} more than none)`;
      return `${(bytes / 1024).toFixed(1)}${more}`;
    });
    return [variant, ...cells];
  });
  return table(['KiB of heap for an open request', 'express', 'fastify'], rows);
}

export function storedTable({ compared }) {
  const rows = compared.filter(without('ours', 'module')).map(({ platform, connections, ours, measured }) => {
    return [platform, connections, ours, spread(ratio(measured, ours, '1 k stored'))];
  });
  return table(['platform', 'connections', 'sessions', 'throughput / 1 k stored'], rows);
}

export function poolTable({ pools }) {
  if (!pools) return NOTHING;
  const sizes = [...new Set(pools.map(({ ours }) => ours))];
  const rows = [];
  for (const { platform, workload, connections, variant } of pools.filter(({ ours }) => ours === sizes[0])) {
    const cells = sizes.map((ours) => {
      const found = pools.find((one) => {
        return (
          one.ours === ours && one.platform === platform && one.workload === workload && one.connections === connections
        );
      });
      return found ? spread(ratio(found.measured, ours, '100 connections')) : '';
    });
    rows.push([variant, platform, workload, connections, ...cells]);
  }
  const head = sizes.map((size) => size.replace(' connections', ''));
  return table(['variant', 'platform', 'workload', 'clients', ...head], rows);
}
