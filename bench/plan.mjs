// What is measured, how often and for how long: chosen so that everything ends within its time (see README.md).
import { NAMED_ONLY, VARIANTS, variantsOn } from './variants/index.mjs';
import { NETWORK_WORKLOADS, WORKLOADS } from './workloads.mjs';

export const PLATFORMS = ['express', 'fastify'];
export const CONNECTIONS = [1, 16, 64, 256];

/** What one measurement takes besides its time: opening connections, letting the last requests end, asking for totals. */
const AROUND_SECONDS = 0.12;

const AS_THEY_COME = new Set(['express-session', '@fastify/session']);
const WITHOUT_SESSION = new Set(['module', 'baseline', 'none', 'empty middleware']);

export const isNetwork = (workload) => Object.hasOwn(NETWORK_WORKLOADS, workload);
const ALL_WORKLOADS = [...Object.keys(WORKLOADS), ...Object.keys(NETWORK_WORKLOADS)];

const QUICK = ['no cookie', 'read', 'write', 'login'];

/** Who takes part in a workload. An app with an empty middleware is there only where nothing else is done. */
function takesPart(workload, connections, variant) {
  if (NAMED_ONLY.includes(variant)) return false;
  if (isNetwork(workload)) return ['module', 'baseline', 'by hand'].includes(variant);
  const { cookies, asksNothing } = WORKLOADS[workload];
  if (!cookies || asksNothing) return WITHOUT_SESSION.has(variant) || (workload === 'no cookie' && connections === 64);
  if (variant === 'empty middleware') return false;
  // Nothing to compare with: without a session there is neither a login nor a large one.
  if (variant === 'none' && (workload === 'login' || workload === 'write of 100 KiB')) return false;
  const isPlain = workload === 'read' || workload === 'write';
  // Everything is compared at 64 connections; at the other numbers the two that matter most are.
  return isPlain || connections === 64 || !(AS_THEY_COME.has(variant) || variant === 'none');
}

/** Those that tell most are measured most. */
export function isMain(workload) {
  return workload === 'read' || workload === 'write' || workload === 'no cookie';
}

/**
 * For what a goal is judged by. Whatever else the machine does comes and goes within seconds: many short rounds tell more than few
 * long ones.
 */
export const JUDGED = { rounds: 15, seconds: 0.35 };

/**
 * The same app is some per cent quicker or slower each time it is started, as V8 happens to make it so. What is judged by as little as that
 * is measured in several starts, from the second on with no others than those two.
 */
export const STARTS = 3;
const CLOSE = [
  { workload: 'no cookie', connections: 64, against: 'empty middleware' },
  { workload: 'untouched', connections: 64, against: 'empty middleware' },
  { workload: 'read', connections: 1, against: 'by hand' },
  ...['read', 'write', 'no cookie'].map((workload) => ({ workload, connections: 64, against: 'moving in' })),
];

function startsOf(workload, connections, variants, isQuick) {
  const close = CLOSE.find(
    (one) => one.workload === workload && one.connections === connections && variants.includes(one.against),
  );
  const again = variants.filter((variant) => variant === 'module' || variant === close?.against);
  return isQuick || again.length < 2 ? { starts: 1, again: [] } : { starts: STARTS, again };
}

/** Each visitor has some responses, however far away the database is; what falls silent is counted once. */
function networkEffort({ latency }) {
  return latency ? { rounds: 3, seconds: Math.max(0.6, (3 * latency) / 1000) } : { rounds: 1, seconds: 2 };
}

function effort(workload, connections, isQuick) {
  if (isNetwork(workload)) return networkEffort(NETWORK_WORKLOADS[workload]);
  if (isQuick) return { rounds: 3, seconds: 0.6 };
  const isJudged = isMain(workload) || WORKLOADS[workload].asksNothing;
  if (isJudged && (connections === 64 || (connections === 1 && workload === 'read'))) return JUDGED;
  if (connections === 64) return { rounds: 3, seconds: 0.45 };
  return { rounds: isJudged && connections === 256 ? 5 : 3, seconds: 0.35 };
}

/** A burst needs 8 connections, and what does not ask for a session is the same at any number. */
function connectionsOf(workload, isQuick) {
  // Few enough that not the app but its network decides, or more than the pool has connections.
  if (isNetwork(workload)) return [NETWORK_WORKLOADS[workload].latency ? 16 : 64];
  if (isQuick) return workload === 'login' ? [64] : [1, 64];
  if (WORKLOADS[workload].asksNothing) return [64];
  return workload === 'burst of 8' ? [8, 16, 64, 256] : CONNECTIONS;
}

/**
 * @param {{ isQuick?: boolean, isFar?: boolean, only?: Record<string, string[]>, rounds?: number, seconds?: number, hasBaseline?: boolean }} options
 */
export function makePlan({ isQuick = false, isFar = false, only = {}, rounds, seconds, hasBaseline = false }) {
  const isWanted = (key, value) => !only[key] || only[key].includes(String(value));
  const isAsked = (key) => only[key] !== undefined;
  const steps = [];
  for (const platform of PLATFORMS.filter((name) => isWanted('platform', name))) {
    for (const workload of ALL_WORKLOADS.filter((name) => isWanted('workload', name))) {
      if (WORKLOADS[workload]?.isNamedOnly && !isAsked('workload')) continue;
      if (isFar ? !isNetwork(workload) : isNetwork(workload) && !isAsked('workload')) continue;
      if (isQuick && !isAsked('workload') && !QUICK.includes(workload)) continue;
      const usual = connectionsOf(workload, isQuick);
      for (const connections of isAsked('connections') ? only.connections.map(Number) : usual) {
        const variants = variantsOn(platform)
          .filter((variant) => variant !== 'baseline' || hasBaseline)
          .filter((variant) => (isAsked('variants') ? isWanted('variants', variant) : isUsual(variant)));
        function isUsual(variant) {
          return takesPart(workload, connections, variant);
        }
        const usually = effort(workload, connections, isQuick);
        const { starts, again } = startsOf(workload, connections, variants, isQuick);
        steps.push({
          ...{ platform, workload, connections, variants, starts, again },
          rounds: Math.ceil((rounds ?? usually.rounds) / starts),
          seconds: seconds ?? usually.seconds,
        });
      }
    }
  }
  return steps.filter(({ variants }) => variants.length > 0);
}

export function secondsOf(plan) {
  return plan.reduce(
    (sum, { variants, starts, again, rounds, seconds }) =>
      sum + (variants.length + (starts - 1) * again.length) * rounds * (seconds + AROUND_SECONDS),
    0,
  );
}

/** What `--only` can name. */
export const NAMES = { workload: ALL_WORKLOADS, platform: PLATFORMS, variants: VARIANTS };
