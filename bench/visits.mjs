// Visitors who ask one request after the other, where responses take long or fail: it counts the failures, which autocannon's client
// does not survive, and the visitors are not in step.
import { Agent, get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { NETWORK_WORKLOADS, requestsOf } from './workloads.mjs';

/** A request that has no response by then has failed. Longer than the `timeoutMs` of the library. */
export const MAX_RESPONSE_MS = 7_000;
const MIN_REQUESTS_EACH = 2;

/** @returns {Promise<{ perSecond: number, p50: number, p99: number, requests: number, failed: number }>} times of responses only */
export async function visit({ origin, workload, visitors, connections, seconds, isExact }) {
  const does = NETWORK_WORKLOADS[workload];
  const agent = new Agent({ keepAlive: true });
  const times = [];
  let failed = 0;
  const end = performance.now() + seconds * 1000;
  let inTime = 0;
  async function run(index) {
    // Spread over one round trip, so that they don't all wait for the same command.
    await delay(((does.latency ?? 0) * index) / connections);
    const requests = requestsOf(does, visitors, index, connections);
    for (let turn = 0; turn < MIN_REQUESTS_EACH || performance.now() < end; turn++) {
      const { path, visitor } = requests[turn % requests.length];
      const begin = performance.now();
      const response = await request(agent, origin + path, visitor.cookie);
      const now = performance.now();
      if (response?.status !== 200) failed += 1;
      else if (isExact && JSON.parse(response.body).user !== visitor.user)
        throw new Error(`${response.body} to ${visitor.user}`);
      else times.push(now - begin);
      if (response?.status === 200 && now < end) inTime += 1;
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, (_, index) => run(index)));
  } finally {
    agent.destroy();
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const requests = times.length + failed;
  return { perSecond: inTime / seconds, p50: at(0.5), p99: at(0.99), requests, failed };
}

/** Undefined if there is no response. */
function request(agent, url, cookie) {
  return new Promise((resolve) => {
    const none = () => resolve(undefined);
    const sent = get(url, { agent, headers: { cookie }, signal: AbortSignal.timeout(MAX_RESPONSE_MS) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode, body }));
      response.once('error', none);
    });
    sent.once('error', none);
  });
}
