// One app that takes part: started, with its sessions begun, and measured a while at a time.
import { startChild } from './child.mjs';
import { hasSessions } from './variants/index.mjs';
import { NETWORK_WORKLOADS, SESSIONS, WORKLOADS } from './workloads.mjs';

const AT_ONCE = 16;
/** As long as a real one, so that requests are of the same size. */
const NO_SESSION = `id=${'0'.repeat(59)}`;

export class Contender {
  #app;
  #client;
  #known = new Map();

  /** @param {{ variant: string, platform: string, uri: string, library: string, node: { path: string }, maxPoolSize?: number }} what */
  static async start(what, client) {
    const { node, variant, platform } = what;
    const app = await startChild(`${variant} on ${platform}`, 'app.mjs', what, { node, flags: ['--expose-gc'] });
    return new Contender(variant, app, client);
  }

  constructor(variant, app, client) {
    this.variant = variant;
    this.origin = `http://127.0.0.1:${app.greeting.port}`;
    this.#app = app;
    this.#client = client;
  }

  ask(what) {
    return this.#app.ask(what);
  }

  stop() {
    return this.#app.stop();
  }

  /** Gives it sessions that are there already. */
  async invite(size, visitors) {
    const key = `${this.origin} ${size}`;
    await this.#client.ask('welcome', { key, visitors });
    this.#known.set(size, { key, visitors });
  }

  /** Its visitors of that size; their sessions begin with the first question for them. */
  async visitors(size) {
    if (!this.#known.has(size)) {
      const users = Array.from({ length: SESSIONS }, (_, index) => `u${String(index).padStart(3, '0')}`);
      const visitors = [];
      while (users.length > 0) {
        const some = users.splice(0, AT_ONCE);
        visitors.push(...(await Promise.all(some.map((user) => this.#begin(user, size)))));
      }
      await this.invite(size, visitors);
    }
    return this.#known.get(size);
  }

  async #begin(user, size) {
    if (!hasSessions(this.variant)) return { user, cookie: NO_SESSION };
    const answer = await fetch(`${this.origin}/begin?user=${user}&size=${encodeURIComponent(size)}`);
    const [header] = answer.headers.getSetCookie();
    if (!answer.ok || !header) throw new Error(`${this.#app.name}: no session begins (${await answer.text()})`);
    return { user, cookie: header.split(';', 1)[0] };
  }

  /** What the client sees of it where responses take long or fail. */
  async visit(workload, connections, seconds) {
    const { key } = await this.visitors(NETWORK_WORKLOADS[workload].cookies);
    const isExact = hasSessions(this.variant);
    return this.#client.ask('visit', { origin: this.origin, workload, connections, seconds, key, isExact });
  }

  /** What the client has seen of it in that time, and what it has cost for a request. */
  async measure(workload, connections, seconds, server) {
    const { cookies } = WORKLOADS[workload];
    const key = cookies && (await this.visitors(cookies)).key;
    const [before, commandsBefore] = [await this.ask('totals'), await server.commands()];
    const isExact = hasSessions(this.variant);
    const { origin } = this;
    let seen;
    try {
      seen = await this.#client.ask('measure', { origin, workload, connections, seconds, key, isExact });
    } catch (error) {
      throw new Error(`${this.#app.name}, ${workload}, ${connections} connections: ${error.message}`, { cause: error });
    }
    const [after, commandsAfter] = [await this.ask('totals'), await server.commands()];
    const requests = after.requests - before.requests;
    const each = (name) => (after[name] - before[name]) / requests;
    const commands = Object.keys(commandsAfter).map((name) => [
      name,
      (commandsAfter[name] - commandsBefore[name]) / requests,
    ]);
    return {
      ...seen,
      ...{ cpu: each('cpu'), bytesOut: each('out'), bytesIn: each('in') },
      commands: Object.fromEntries(commands.filter(([, count]) => count > 0)),
    };
  }
}
