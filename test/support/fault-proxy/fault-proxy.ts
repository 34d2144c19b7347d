import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { freePorts } from '../../../tools/free-ports.mjs';
import { type Fault, FaultSwitch } from './fault.js';
import { Link } from './link.js';

/** A bad network before one MongoDB server: a TCP proxy that can be away, and that can do to any command what `Fault` says. */
export class FaultProxy {
  readonly #faults = new FaultSwitch();
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #port = 0;

  constructor(
    /** `host:port` of the server. Asked for at every connection. */
    private readonly target: () => string,
  ) {}

  /** 0 before it was open for the first time; the same ever after. */
  get port(): number {
    return this.#port;
  }

  /** How many connections lead through it now. */
  get connections(): number {
    return this.#links.size;
  }

  /** How many commands the fault has met. */
  get strikes(): number {
    return this.#faults.strikes;
  }

  /** From now on, also on connections that are open; undefined: all goes well again. */
  set(fault: Fault | undefined): void {
    this.#faults.set(fault);
    for (const link of this.#links) link.heal();
  }

  async open(): Promise<void> {
    if (this.#port === 0) [this.#port] = (await freePorts(1)) as [number];
    this.#server = createServer((incoming) => {
      const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(this.target()) ?? [];
      const link = new Link(incoming, connect(Number(port), host), this.#faults);
      this.#links.add(link);
      incoming.on('close', () => this.#links.delete(link));
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Cuts every connection and refuses new ones, until it is opened again. */
  async close(): Promise<void> {
    const server = this.#server;
    const closed = server && once(server, 'close');
    server?.close();
    this.#server = undefined;
    for (const link of this.#links) link.destroy();
    await closed;
  }
}
