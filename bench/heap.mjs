// What an open request holds of the heap: many of them are kept open at once, and the heap is compared after garbage collection.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const OPEN = 256;
const WAIT_MS = 20_000;

/** In bytes for each open request. Three times, for the first one pays for what is there once; the median is the third. */
export async function heapPerRequest(contender) {
  const { visitors } = await contender.visitors('small');
  await hold(contender, visitors);
  const growths = [];
  for (let pass = 0; pass < 3; pass++) growths.push(await hold(contender, visitors));
  return growths.toSorted((a, b) => a - b)[1];
}

async function hold(contender, visitors) {
  const before = await contender.ask('heap');
  const agent = new Agent({ maxSockets: OPEN });
  const answers = Array.from({ length: OPEN }, (_, index) => {
    return answered(contender.origin, visitors[index % visitors.length].cookie, agent);
  });
  try {
    const during = await untilHeld(contender);
    return (during.bytes - before.bytes) / OPEN;
  } finally {
    await contender.ask('release');
    await Promise.all(answers);
    agent.destroy();
  }
}

async function answered(origin, cookie, agent) {
  const [response] = await once(get(`${origin}/hold`, { agent, headers: { cookie } }), 'response');
  await once(response.resume(), 'end');
  if (response.statusCode !== 200) throw new Error(`a request that was held open ended with ${response.statusCode}`);
}

async function untilHeld(contender) {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await delay(50)) {
    const heap = await contender.ask('heap');
    if (heap.held === OPEN) return heap;
  }
  throw new Error(`${contender.variant}: ${OPEN} requests could not be held open`);
}
