// The real thing beside the model: the core's whole path of a request, browsers by number, on any store.
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { RequestCycle } from '../../../../lib/core/request/request-cycle.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import type { SessionObject, SessionStore } from '../../../../lib/index.js';
import { TestClock } from '../../../../lib/testing/index.js';
import { codec } from '../../../support/core/codec.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';

export type AnySession = SessionObject<Record<string, unknown>>;

/** A request under way. */
export interface OpenRequest {
  readonly cycle: RequestCycle;
  readonly exchange: FakeExchange;
}

export class World {
  readonly clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly cookies: (string | undefined)[] = [];
  readonly open = new Map<number, OpenRequest>();
  readonly #registration: Registration;

  constructor(store: SessionStore) {
    const options = resolveOptions({ store, clock: this.clock, onInterrupted: 'throw' });
    this.#registration = new Registration(options, store, codec, { emit() {}, log: { warn() {}, error() {} } });
  }

  async begin(cookie: string | undefined): Promise<OpenRequest> {
    const exchange = new FakeExchange(cookie);
    const cycle = new RequestCycle(this.#registration, exchange);
    await cycle.open();
    return { cycle, exchange };
  }

  /** Runs the handler, saves, and lets the browser keep the answer's cookie. Resolves with the status. */
  async end({ cycle, exchange }: OpenRequest, browser: number, act: (session: AnySession) => unknown): Promise<number> {
    let status = await statusOf(async () => act(cycle.session as AnySession));
    const saved = await statusOf(async () => cycle.commit());
    if (status === 200) status = saved;
    exchange.headersSent = true;
    for (const header of exchange.cookies)
      this.cookies[browser] = /Max-Age=0(;|$)/.test(header) ? undefined : header.split(';')[0];
    return status;
  }
}

async function statusOf(step: () => Promise<unknown>): Promise<number> {
  try {
    await step();
    return 200;
  } catch (error) {
    const { status } = error as { status?: number };
    if (status === undefined) throw error;
    return status;
  }
}
