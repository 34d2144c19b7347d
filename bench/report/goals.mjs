// What was meant to be reached, and whether it is. Each goal is judged as it is shown: rounded to two digits.
import { median, ratio } from '../statistics.mjs';

const PLATFORMS = ['express', 'fastify'];

/**
 * Of each goal: the words, the limit of each platform, and how its number is found in what was measured.
 * `least` and `most` say on which side of the limit it has to be.
 */
const GOALS = [
  throughput('read', 64, 'by hand', { express: 2, fastify: 3 }),
  throughput('read', 64, 'express-session', { express: 5 }),
  throughput('read', 64, 'express-session tuned', { express: 2.5 }),
  throughput('read', 64, '@fastify/session', { fastify: 8 }),
  throughput('write', 64, 'by hand', { express: 2.5, fastify: 2.5 }),
  throughput('write', 64, 'express-session', { express: 3 }),
  throughput('write', 64, '@fastify/session', { fastify: 3 }),
  throughput('login', 64, 'by hand', { express: 1.2, fastify: 1.2 }),
  throughput('read', 64, 'none', { express: 0.6 }),
  throughput('untouched', 64, 'empty middleware', { express: 0.97, fastify: 0.97 }),
  throughput('no cookie', 64, 'empty middleware', { express: 0.97, fastify: 0.97 }),
  throughput('read of 1 M stored', 64, '1 k stored', { express: 0.9, fastify: 0.9 }),
  latency('p50', 'read', 1, 1.05),
  latency('p99', 'read', 256, 1),
  latency('p99', 'write', 256, 1),
  cost('commands for a request without a cookie', 'no cookie', 64, 0, commandsOf),
  cost('commands for a read alone', 'read', 1, 1, commandsOf),
  cost('commands for a read under load', 'read', 64, 0.25, commandsOf),
  cost('commands for a write alone', 'write', 1, 2, commandsOf),
  cost('commands for a write under load', 'write', 64, 2, commandsOf),
  cost('commands for a login under load', 'login', 64, 1.5, commandsOf),
  cost('KiB to MongoDB for one key of a 100 KiB session', 'write of 100 KiB', 64, 1, (round) => round.bytesOut / 1024),
  cost('reads of that session for it', 'write of 100 KiB', 1, 1, (round) => round.commands.find ?? 0),
  cost(
    'KiB from MongoDB for it, of which the session is 100',
    'write of 100 KiB',
    1,
    105,
    (round) => round.bytesIn / 1024,
  ),
];

export function commandsOf({ commands }) {
  return Object.values(commands).reduce((sum, count) => sum + count, 0);
}

/** A row for each goal and platform; those of which nothing was measured are left out. */
export function goalRows(compared) {
  return GOALS.flatMap(({ words, limits, side, find, workload, connections }) => {
    return Object.entries(limits).flatMap(([platform, limit]) => {
      const cell = compared.find((one) => {
        return one.workload === workload && one.platform === platform && one.connections === connections;
      });
      const found = cell && find(cell);
      if (!found) return [];
      const value = Math.round(found.ratio * 100) / 100;
      const isReached = side === 'least' ? value >= limit : value <= limit;
      const goal = `${words}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
      return [{ platform, goal, limit: `${side === 'least' ? '≥' : '≤'} ${limit}`, ...found, isReached }];
    });
  });
}

function throughput(workload, connections, against, limits) {
  const find = ({ ours, measured }) => measured[against] && ratio(measured, ours, against);
  return { words: `${workload}: throughput / ${against}`, workload, connections, limits, side: 'least', find };
}

function latency(metric, workload, connections, limit) {
  const find = ({ ours, measured }) => measured['by hand'] && ratio(measured, ours, 'by hand', metric);
  const words = `${workload}: ${metric} / by hand`;
  return { words, workload, connections, limits: limitsOf(limit), side: 'most', find };
}

function cost(words, workload, connections, limit, of) {
  const find = ({ measured }) => {
    const values = measured.module?.map(of);
    return values && { ratio: median(values), low: Math.min(...values), high: Math.max(...values) };
  };
  return { words, workload, connections, limits: limitsOf(limit), side: 'most', find };
}

function limitsOf(limit) {
  return Object.fromEntries(PLATFORMS.map((platform) => [platform, limit]));
}
