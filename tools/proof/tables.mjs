// The tables of docs/94-proof.md, as Markdown.
import { number, table } from '../report/markdown.mjs';

const NOTHING = 'Not measured in this run.';

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
const most = (values) => values.reduce((highest, value) => Math.max(highest, value), 0);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export function runTable({ soak, failover, run }) {
  if (!run) return NOTHING;
  const { results, minutes, note } = run;
  const machine = soak?.machine ?? failover?.machine;
  const rows = results.map(({ name, passed, failed }) => [`tests: ${name}`, `${passed} passed, ${failed} failed`]);
  if (machine) {
    const { date, cores, memoryGiB, system, node, mongodb, server, load } = machine;
    rows.unshift(
      ['date', date],
      ['machine', `${cores} cores, ${memoryGiB} GiB of memory, ${system}; clients, app and MongoDB all on it`],
      ...(load === undefined ? [] : [['busy', `load average of ${load} at the end`]]),
      ['software', `Node ${node}, MongoDB ${mongodb}`],
      ['MongoDB', `processes of its own on the loopback interface, found as: ${server}`],
    );
  }
  rows.push(['took', `${minutes.toFixed(1)} minutes`]);
  if (note) rows.push(['note', note]);
  return table(['', ''], rows);
}

export function raceTable({ races, reduction }) {
  if (!races) return NOTHING;
  const { measured, operations, pausePoints, invariants, isComplete } = races;
  const rows = measured.map(({ name, where, races: count, interleavings, passed }) => {
    return [`${name}, ${where}`, number(count), number(interleavings), number(passed)];
  });
  const all = (key) => number(sum(measured.map((row) => row[key])));
  rows.push(['**all**', all('races'), `**${all('interleavings')}**`, `**${all('passed')}**`]);
  return [
    isComplete ? 'All of them:' : 'The selection that is part of `npm test`:',
    table(['races', 'sets of requests', 'interleavings tried', 'passed'], rows),
    `Operations: ${operations.join(', ')}. Where a request can be stopped: ${pausePoints.join(', ')}. After each interleaving it must hold that:`,
    invariants.map((invariant) => `- ${invariant}`).join('\n'),
    ...(reduction?.compared.length > 0 ? [reductionTable(reduction.compared)] : []),
  ].join('\n\n');
}

/** All orders beside those that are tried in their place. */
function reductionTable(compared) {
  const rows = compared.map(({ where, races, all, distinct }) => [where, ...[races, all, distinct].map(number)]);
  const head = ['where', 'sets of requests', 'orders of all steps', 'tried in their place'];
  return `Each of these orders was run as well, and ended like the one that is tried in its place:\n\n${table(head, rows)}`;
}

/** The mistakes that the race harness has to find. */
export function plantedTable({ faults }) {
  if (!faults) return NOTHING;
  const rows = faults.measured.map(({ name, where = 'in process', race, caughtBy, interleavings, failed }) => {
    return [name, where, race.join(', '), `${number(failed)} of ${number(interleavings)}`, caughtBy.join('; ')];
  });
  return table(['planted', 'where', 'requests', 'interleavings that fail', 'by the rule that'], rows);
}

export function faultTable(measured) {
  const platforms = ['express', 'fastify'].map((platform) => measured[`faults-${platform}`]?.passed).filter(Boolean);
  if (platforms.length === 0) return NOTHING;
  const troubles = Object.keys(platforms[0]);
  const operations = [...new Set(troubles.flatMap((trouble) => Object.keys(platforms[0][trouble])))];
  const cell = (trouble, operation) => {
    const tried = platforms.map((passed) => passed[trouble]?.[operation]).filter((result) => result !== undefined);
    return tried.length === 0 ? '' : `${tried.filter(Boolean).length}/${tried.length}`;
  };
  return table(
    ['passed / tried', ...operations.map((operation) => `\`${operation}\``)],
    troubles.map((trouble) => [trouble, ...operations.map((operation) => cell(trouble, operation))]),
  );
}

export function crashTable(measured) {
  const runs = Object.entries(measured)
    .filter(([name]) => name.startsWith('crash-'))
    .map(([, run]) => run);
  if (runs.length === 0) return NOTHING;
  const head = [
    'killed',
    'platform',
    'kills',
    'acknowledged',
    'not acknowledged',
    'lost',
    'half',
    'median outage',
    'longest',
  ];
  const rows = runs.map(({ killed, platform, kills, acknowledged, failed, lost, outages }) => {
    const who = killed === 'app' ? 'the app' : 'MongoDB';
    const counts = [kills, number(acknowledged), number(failed), `**${lost}**`, '**0**'];
    return [who, platform, ...counts, seconds(median(outages)), seconds(most(outages))];
  });
  return table(head, rows);
}

export function failoverTable({ failover }) {
  if (!failover) return NOTHING;
  const { members, kills, acknowledged, failed, sessions, lost, reads } = failover;
  const outages = kills.map(({ outage }) => outage);
  return table(
    ['', ''],
    [
      ['servers', members],
      ['primary killed', `${kills.length} times`],
      ['acknowledged requests', number(acknowledged)],
      ['requests without an acknowledgement (503)', number(failed)],
      ['sessions compared with the journals', number(sessions)],
      ['acknowledged writes lost', `**${lost}**`],
      ['longest time without any success', `${seconds(most(outages))} (median ${seconds(median(outages))})`],
      ['reads answered by the primary, by others', `${number(reads.primary)}, **${reads.others}**`],
    ],
  );
}

/** What the list of a user's sessions costs, and going through all users. */
export function listsTable({ 'user-lists': lists }) {
  if (!lists) return NOTHING;
  const { sessions, listAmongMany, listAmongFew, listRatio, peekOf1000, walkOverEverybody, pages } = lists;
  const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  return table(
    ['operation', 'median'],
    [
      [`the list of a user among ${number(sessions)} sessions`, ms(listAmongMany)],
      ['the list of a user among 1,000 sessions', ms(listAmongFew)],
      ['ratio (goal: at most 1.2)', listRatio.toFixed(2)],
      ['one poll of 1,000 watched sessions', ms(peekOf1000)],
      [`all sessions with a user, in ${number(pages)} pages of 1,000, once`, ms(walkOverEverybody)],
    ],
  );
}

/** How soon another process hears that a session has ended. */
export function endsTable({ 'session-ends': ends }) {
  if (!ends) return NOTHING;
  const { polling, changeStream, watched, failover, failoverWithStream, machine } = ends;
  const row = (name, { p50, p99, worst }, goal) => [name, `${p50} ms`, `${p99} ms`, `${worst} ms`, goal];
  const heard = table(
    ['heard by', 'median', 'p99', 'worst', 'goal (p99)'],
    [row('polling, every second', polling, '1,200 ms'), row('change stream', changeStream, '100 ms')],
  );
  const { sessions, commandsPerSecond, bytesPerSession } = watched;
  const cost = `${number(sessions)} watched sessions: ${commandsPerSecond} commands a second, ${number(bytesPerSession)} bytes of memory for each.`;
  const late = `After the primary was killed: ${failover.lateMs} ms by polling, ${failoverWithStream.lateMs} ms with a change stream; no session was said to have ended that had not.`;
  return `Load average of ${machine.load ?? '?'} at the end.\n\n${heard}\n\n${cost} ${late}`;
}

/** What open sockets cost, and how soon a logout closes one. */
export function socketsTable({ sockets }) {
  if (!sockets) return NOTHING;
  const { open, here, elsewhere, machine } = sockets;
  const row = (name, { p50, p99, worst }, goal) => [name, `${p50} ms`, `${p99} ms`, `${worst} ms`, goal];
  const closed = table(
    ['the logout was in', 'median', 'p99', 'worst', 'goal (p99)'],
    [row('the same process', here, '100 ms'), row('another process', elsewhere, '1,200 ms')],
  );
  const cost = `${number(open.sockets)} open sockets with a session each: ${open.commandsPerPoll} commands a poll (goal: 10), ${number(open.bytesPerSocket)} bytes of heap for each (goal: 1,024), beside ${number(open.bytesOfTheSocketItself)} of the socket itself.`;
  const left = `After all were closed, ${open.mibLeft} MiB more heap was used than before, no listener was left, and no command was sent.`;
  return `Load average of ${machine.load} at the end.\n\n${closed}\n\n${cost} ${left}`;
}

export function soakTable({ soak }) {
  if (!soak) return NOTHING;
  const rows = soak.results.map(({ platform, requests, sessions, samples }) => {
    const quarter = Math.floor(samples.length / 4);
    const parts = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
    const medians = parts.map((part) => `${(median(part.map(({ heap }) => heap)) / 2 ** 20).toFixed(1)} MiB`);
    const span = (key) => parts.map((part) => most(part.map((sample) => sample[key]))).join(', ');
    const counts = ['sockets', 'listeners', 'timers', 'documents'].map(span);
    return [platform, number(requests), number(sessions), medians.join(', '), ...counts];
  });
  const head = ['platform', 'requests', 'sessions', 'heap', 'sockets', 'listeners', 'timers', 'documents'];
  const what = `${number(soak.seconds)} seconds. Each pair: the second quarter of the time (the first one is for warming up), and the last one; of the heap the median, after garbage collection, of the others the most.`;
  return `${what}\n\n${table(head, rows)}`;
}

/** Logins of one user, with each other and with revocations. */
export function userTable({ 'user-races': races, 'user-random': random, 'user-faults': faults }) {
  const parts = [];
  if (races) {
    const rows = races.measured.map(({ name, where, interleavings, passed }) => {
      return [`${name}, ${where}`, ...[interleavings, passed].map(number)];
    });
    parts.push(
      races.isComplete ? 'All of them:' : 'The selection that is part of `npm test`:',
      table(['races', 'interleavings tried', 'passed'], rows),
      'After each it must hold that:',
      races.invariants.map((invariant) => `- ${invariant}`).join('\n'),
    );
  }
  if (random) {
    const { rounds, over, under, survivor } = random;
    const rows = [[number(rounds), over, under, survivor]];
    parts.push(
      'Races put together by chance, of logins, logouts, revocations and killed processes:',
      table(['races', 'over the limit', 'under it by the policy', 'survivors of a revocation'], rows),
    );
  }
  if (faults) {
    const rows = faults.measured.map(({ name, race, interleavings, failed, caughtBy }) => {
      return [name, race.join(', '), `${number(failed)} of ${number(interleavings)}`, caughtBy];
    });
    parts.push('Mistakes that were planted:', table(['planted', 'race', 'caught in', 'by the rule'], rows));
  }
  return parts.length > 0 ? parts.join('\n\n') : NOTHING;
}

/** Sessions of other libraries that are taken over, against what ends them. */
export function moveTable({ moves, 'move-faults': faults }) {
  const parts = [];
  if (moves) {
    const rows = Object.entries(moves.measured).map(([kind, { races, interleavings, passed }]) => {
      return [kind, ...[races, interleavings, passed].map(number)];
    });
    parts.push(
      moves.isComplete ? 'The long run:' : 'The selection that is part of `npm test`:',
      table(['', 'sets of requests', 'interleavings tried', 'passed'], rows),
      'In each it must hold that:',
      moves.invariants.map((invariant) => `- ${invariant}`).join('\n'),
    );
  }
  if (faults) {
    const rows = faults.measured.map(({ name, race, tried, caughtBy }) => [
      name,
      race.join(', '),
      number(tried),
      caughtBy,
    ]);
    const head = ['planted', 'requests', 'interleavings until it is found', 'by the rule'];
    parts.push('Mistakes that were planted:', table(head, rows));
  }
  return parts.length > 0 ? parts.join('\n\n') : NOTHING;
}
