/**
 * What the network does to a command.
 *
 * - `delay`: it reaches the server late.
 * - `cut`: the connection breaks before the server gets it.
 * - `black-hole`: it is swallowed, and the connection stays open. A server that was asked for heartbeats before goes on sending them.
 * - `silence`: the same in both directions.
 * - `cut-after`: the server has done it, and the connection breaks in place of the answer.
 * - `trickle`: the answer comes a few bytes at a time.
 */
export type Fault =
  | (Reach & { readonly kind: 'cut' | 'black-hole' | 'silence' | 'cut-after' })
  | (Reach & { readonly kind: 'delay'; readonly ms: number })
  | (Reach & { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number });

interface Reach {
  /** Which commands it meets; everything, greetings and heartbeats included, unless given. */
  readonly commands?: readonly string[];
  /** How often it strikes; each time unless given. */
  readonly times?: number;
}

/** The fault that is set, and how often it has struck. */
export class FaultSwitch {
  strikes = 0;
  #fault: Fault | undefined;

  set(fault: Fault | undefined): void {
    this.#fault = fault;
    this.strikes = 0;
  }

  get isSilent(): boolean {
    return this.#fault?.kind === 'silence';
  }

  /** The fault that this command meets; counts it. */
  strike(command: string | undefined): Fault | undefined {
    const fault = this.#fault;
    if (!fault || this.strikes >= (fault.times ?? Infinity)) return undefined;
    if (fault.commands && !fault.commands.includes(command ?? '')) return undefined;
    this.strikes += 1;
    return fault;
  }
}
