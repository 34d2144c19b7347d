// The command line of the benchmark. What can't be understood is said before anything starts.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { NAMES, isNetwork } from './plan.mjs';

export const USAGE = `Usage: npm run bench [-- MODE] [options]

  (no mode)         everything, and writes bench/RESULTS.md and docs/93-performance.md
  quick             the main workloads at 1 and 64 connections
  pool              which number of connections to MongoDB suits the hand-written one best
  far               reads of a MongoDB far away, and with connections that fall silent
  page              writes both pages again, from the last full run

  --json FILE       writes every ratio there
  --only FILTER     for example workload=read,platform=express,connections=1+64,variants=module+by hand
  --rounds N        so many rounds each
  --seconds N       so many seconds a measurement
  --node PATH       the Node that runs the apps and their client, such as that of another major version
  --baseline DIR    another build of the library (a copy of dist below this folder), to compare with`;

const MODES = ['full', 'quick', 'pool', 'far', 'page'];

export class UsageError extends Error {}

export function readOptions(args) {
  const { values, positionals } = parse(args);
  const [mode = 'full', ...more] = positionals;
  if (!MODES.includes(mode) || more.length > 0) fail(`there is no mode "${[mode, ...more].join(' ')}"`);
  const baseline = values.baseline === undefined ? undefined : resolve(values.baseline, 'index.js');
  if (baseline && !existsSync(baseline)) fail(`--baseline: there is no ${baseline}`);
  // Said now, not when everything has been measured.
  if (values.json !== undefined && !existsSync(dirname(resolve(values.json))))
    fail(`--json: there is no folder for ${values.json}`);
  const only = readFilter(values.only);
  if (mode === 'pool' && only?.workload?.some(isNetwork)) fail('--only: pool measures no workload of a network');
  return {
    mode,
    json: values.json,
    only,
    rounds: readNumber('rounds', values.rounds, { isWhole: true, least: 1, most: 1000 }),
    seconds: readNumber('seconds', values.seconds, { least: 0.1, most: 600 }),
    baseline,
    node: readNode(values.node),
  };
}

/** Started once, so that a wrong path is said at once, and the version is known. */
function readNode(path) {
  if (path === undefined) return { path: process.execPath, version: process.versions.node };
  try {
    const version = execFileSync(path, ['--print', 'process.versions.node'], { encoding: 'utf8' }).trim();
    return { path, version };
  } catch {
    return fail(`--node: ${path} can't be run`);
  }
}

function parse(args) {
  const string = { type: 'string' };
  const options = { json: string, only: string, rounds: string, seconds: string, baseline: string, node: string };
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    return fail(error.message);
  }
}

function readFilter(text) {
  if (text === undefined) return undefined;
  const filter = {};
  // The name of a workload may hold a comma.
  for (const part of text.split(/,(?=\w+=)/)) {
    const [, key, list] = /^(\w+)=(.+)$/.exec(part) ?? fail(`--only: "${part}" is not NAME=VALUE`);
    const values = list.split('+');
    const known = NAMES[key] ?? (key === 'connections' ? undefined : fail(`--only: there is no "${key}"`));
    for (const value of values) {
      if (known && !known.includes(value)) fail(`--only: ${key} is one of ${known.join(', ')}, not "${value}"`);
      if (!known) readNumber('only connections', value, { isWhole: true, least: 1, most: 1000 });
    }
    filter[key] = values;
  }
  return filter;
}

function readNumber(name, text, { isWhole = false, least, most }) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
    fail(`--${name}: a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}"`);
  return value;
}

function fail(reason) {
  throw new UsageError(`${reason}\n\n${USAGE}`);
}
