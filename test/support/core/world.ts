// The whole core with a store in memory, a clock that is moved by hand and browsers that keep their cookies.
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import type { SessionOptions } from '../../../lib/core/options/session-options.js';
import { RequestCycle } from '../../../lib/core/request/request-cycle.js';
import type { SessionEvent } from '../../../lib/core/lifecycle/session-events.js';
import { Registration } from '../../../lib/core/request/registration.js';
import type { SessionObject } from '../../../lib/core/session/session.js';
import type { SessionStore } from '../../../lib/core/store/session-store.interface.js';
import { codec, decode } from './codec.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { FakeExchange } from './fake-exchange.js';
import { ObservedStore } from './observed-store.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export type AnySession = SessionObject<Record<string, unknown>>;

export class World {
  readonly clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly store = new ObservedStore();
  readonly events: SessionEvent[] = [];
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  readonly registration: Registration;

  /** @param prepare what the store has to be before the registration gets it */
  constructor(given: SessionOptions = {}, prepare: (store: ObservedStore) => void = () => {}) {
    prepare(this.store);
    const options = resolveOptions({ store: this.store, clock: this.clock, ...given });
    this.registration = new Registration(options, this.store, codec, {
      emit: (event) => this.events.push(event),
      log: { warn: (line) => this.warnings.push(line), error: (line) => this.errors.push(line) },
    });
  }

  browser(cookie?: string): Browser {
    return new Browser(this, cookie);
  }

  /** A browser with a session that holds this data. */
  async browserWith(data: object): Promise<Browser> {
    const browser = this.browser();
    await browser.visit((session) => void Object.assign(session, data));
    this.store.takeCalls();
    this.events.length = 0;
    return browser;
  }

  /** The data as the store has them; undefined: there is no such session. */
  async stored(handle: string): Promise<Record<string, unknown> | undefined> {
    const session = await this.store.stored(handle);
    return session && decode(session.data);
  }

  get eventTypes(): string[] {
    return this.events.map(({ type }) => type);
  }
}

/** A registration on any store, whose late writes are answered 409. */
export function registrationOn(store: SessionStore, clock: TestClock): Registration {
  const options = resolveOptions({ store, clock, onInterrupted: 'throw' });
  return new Registration(options, store, codec, { emit() {}, log: { warn() {}, error() {} } });
}

/** A world of its own, and a browser with a session that holds this data. */
export async function visitWith(
  data: object,
  options: SessionOptions = {},
): Promise<{ world: World; browser: Browser }> {
  const world = new World(options);
  const browser = await world.browserWith(data);
  return { world, browser };
}

/** A client with one cookie jar. */
export class Browser {
  /** What it sends besides the cookie, and from where. */
  readonly headers: Record<string, string> = {};
  address: string | undefined = '192.0.2.1';

  constructor(
    private readonly world: Pick<World, 'registration'>,
    public cookie?: string,
  ) {}

  /** The public name of its session, read from the cookie. */
  get handle(): string {
    const [, token = ''] = this.cookie?.split('=') ?? [];
    return Buffer.from(token, 'base64url').toString('hex', 0, 12);
  }

  /** Sends a request, and leaves it open. */
  async begin(): Promise<Visit> {
    const exchange = new FakeExchange(this.cookie, this.headers);
    exchange.remoteAddress = this.address;
    const cycle = new RequestCycle(this.world.registration, exchange);
    await cycle.open();
    return new Visit(this, exchange, cycle);
  }

  /** A whole request: read, handled, saved. Returns its answer. */
  async visit(handle: (session: AnySession) => unknown = () => {}): Promise<FakeExchange> {
    const visit = await this.begin();
    await handle(visit.session);
    return visit.end();
  }

  /** What a browser does with the answer's cookies. */
  keep({ cookies }: FakeExchange): void {
    for (const header of cookies) this.cookie = /Max-Age=0(;|$)/.test(header) ? undefined : header.split(';')[0];
  }
}

/** A request under way. */
export class Visit {
  constructor(
    private readonly browser: Browser,
    readonly exchange: FakeExchange,
    readonly cycle: RequestCycle,
  ) {}

  get session(): AnySession {
    return this.cycle.session as AnySession;
  }

  /** Saves, sends the headers, and ends. */
  async end(): Promise<FakeExchange> {
    await this.cycle.commit();
    this.exchange.headersSent = true;
    this.browser.keep(this.exchange);
    await this.cycle.commit();
    return this.exchange;
  }

  /** Handles, saves and sends the headers, whatever fails; resolves with the status. */
  async respond(handle: (session: AnySession) => unknown): Promise<number> {
    const handled = await statusOf(async () => handle(this.session));
    const saved = await statusOf(async () => this.cycle.commit());
    this.exchange.headersSent = true;
    this.browser.keep(this.exchange);
    return handled === 200 ? saved : handled;
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
