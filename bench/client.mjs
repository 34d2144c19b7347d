// The client of the benchmark, in a process of its own: autocannon, which is told by the runner what to ask for. Checks every answer: that
// it is the session of that visitor, and, where only one connection counts in it, that no count is lost.
import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { visit } from './visits.mjs';
import { WORKLOADS, requestsOf } from './workloads.mjs';

/** Answers that a connection has had on average before it ends, and what ends it in any case. */
const LEAST_EACH = 2;
const MOST_SECONDS_MORE = 30;

const ANSWER = /^\{"user":"(\w+)","views":(\d+)\}$/;
/** By app and size of the sessions; a login changes the cookie in it. */
const visitorsOf = new Map();

function welcome({ key, visitors }) {
  visitorsOf.set(key, visitors);
}

async function measure({ origin, workload, connections, seconds, key, isExact }) {
  const does = WORKLOADS[workload];
  const visitors = visitorsOf.get(key) ?? [];
  const checks = new Checks(does, isExact);
  const clients = [];
  const tracker = autocannon({
    url: origin,
    connections,
    duration: seconds + MOST_SECONDS_MORE,
    // How often it looks whether it shall stop, in milliseconds.
    sampleInt: 20,
    skipAggregateResult: true,
    setupClient(client) {
      const own = requestsOf(does, visitors, clients.length, connections);
      client.setRequests(own.map((request) => checks.request(request)));
      clients.push(client);
    },
  });
  const times = [];
  /** Those that have had an answer: the first one waits until all connections are made. */
  const met = new Set();
  const answers = () => times.length + met.size;
  let begin;
  let elapsed;
  let cpu;
  tracker.on('start', () => {
    begin = performance.now();
    cpu = process.cpuUsage();
  });
  tracker.on('response', (client, _status, _bytes, time) => {
    if (elapsed !== undefined) return;
    if (met.has(client)) times.push(time);
    else met.add(client);
    const soFar = performance.now() - begin;
    // Where answers take long, some more time, or the ones that the connections begin with would be all.
    if (soFar < seconds * 1000 || answers() < connections * LEAST_EACH) return;
    elapsed = soFar;
    cpu = process.cpuUsage(cpu);
    // Each connection ends with the answer that it waits for, so that nothing is left behind for the next measurement.
    for (const each of clients) each.responseMax = 1;
  });
  const { errors, timeouts } = await tracker;
  if (errors > 0) checks.complain(`${errors} connections failed, ${timeouts} of them for want of an answer`);
  if (elapsed === undefined) checks.complain(`${answers()} answers, which are too few`);
  if (checks.wrong.length > 0) throw new Error(`${checks.wrong.length} wrong answers, such as: ${checks.wrong[0]}`);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return {
    perSecond: (answers() * 1000) / elapsed,
    ...{ p50: at(0.5), p99: at(0.99) },
    // Near 1 it is the client that can do no more, and hides how much more the app could.
    clientBusy: (cpu.user + cpu.system) / 1000 / elapsed,
  };
}

class Checks {
  wrong = [];
  #does;
  #isExact;

  constructor(does, isExact) {
    this.#does = does;
    this.#isExact = isExact;
  }

  /** In autocannon's words. */
  request({ path, visitor }) {
    const own = (!this.#does.asksNothing && visitor?.user) || 'nobody';
    const user = this.#isExact ? own : undefined;
    let last;
    const onResponse = (status, body, _context, headers) => {
      const [, name, count] = ANSWER.exec(body) ?? [];
      if (status !== 200 || count === undefined) return this.complain(`${status} ${body}`);
      if (user !== undefined && name !== user) return this.complain(`${body} to ${user}`);
      if (this.#isExact && this.#does.isCounter) {
        // The first answer tells where it stands.
        if (last !== undefined && Number(count) !== last + 1) this.complain(`${body} after ${last}`);
        last = Number(count);
      }
      if (this.#does.renews) visitor.cookie = sessionCookie(headers) ?? visitor.cookie;
      return undefined;
    };
    if (!visitor) return { path, onResponse };
    if (!this.#does.renews) return { path, headers: { cookie: visitor.cookie }, onResponse };
    const setupRequest = (request) => ({ ...request, headers: { cookie: visitor.cookie } });
    return { path: `${path}?user=${visitor.user}`, setupRequest, onResponse };
  }

  complain(what) {
    this.wrong.push(what);
  }
}

function sessionCookie(headers) {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'set-cookie');
  return name && [headers[name]].flat()[0].split(';', 1)[0];
}

process.once('disconnect', () => process.exit());
process.on('message', ({ id, ask, ...input }) => {
  if (ask === 'end') process.disconnect();
  else if (ask === 'measure') measure(input).then(answer(id), refuse(id));
  else if (ask === 'visit') visit({ ...input, visitors: visitorsOf.get(input.key) }).then(answer(id), refuse(id));
  else answer(id)(welcome(input));
});
process.send({ ready: true });

function answer(id) {
  return (value = {}) => process.send({ id, value });
}

function refuse(id) {
  return (error) => process.send({ id, error: error.message });
}
