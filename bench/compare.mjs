// Measures what the plan says, in turn: A B C, A B C, so that whatever else the machine does meanwhile befalls all alike.
import { Contender } from './contender.mjs';

/**
 * V8 needs thousands of requests before it has made an app as quick as it gets: the first time longer, and longer again for one
 * connection, whose requests come slowly and may go another way (what comes alone is not sent together with others).
 */
const WARM_UP = {
  first: { connections: 16, seconds: 1.5 },
  later: { connections: 16, seconds: 1 },
  alone: { connections: 1, seconds: 2 },
};

/** Starts every app of one platform, hands them to `work`, and ends them whatever happens. */
export async function withContenders(apps, client, work) {
  const contenders = [];
  try {
    for (const what of apps) contenders.push(await Contender.start(what, client));
    return await work(contenders);
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

/** The measurements of each variant, one a round; fewer rounds than planned, but two, if it has become late. */
export async function compare(contenders, { workload, connections, rounds, seconds }, server, isLate = () => false) {
  const measured = Object.fromEntries(contenders.map(({ variant }) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    if (round >= 2 && isLate()) break;
    for (const contender of contenders) {
      measured[contender.variant].push(await contender.measure(workload, connections, seconds, server));
    }
  }
  return measured;
}

/** @param {keyof typeof WARM_UP} which */
export async function warmUp(contenders, workload, server, which = 'first') {
  const { connections, seconds } = WARM_UP[which];
  for (const contender of contenders) await contender.measure(workload, connections, seconds, server);
}
