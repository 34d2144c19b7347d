// The core's whole path of a request, without a server: each request in a process of its own, as far as the library can tell.
import { RequestCycle } from '../../../../lib/core/request/request-cycle.js';
import type { Registration } from '../../../../lib/core/request/registration.js';
import { TestClock } from '../../../../lib/testing/index.js';
import { FakeExchange } from '../../../support/core/fake-exchange.js';
import { registrationOn } from '../../../support/core/world.js';
import type { AnySession } from './operations.js';
import type { Bridge, Probe, RaceTrack, SentRequest } from './race.js';
import { type PlainStore, steppedStore } from './stepped.store.js';

export const NAME = '__Host-id';
/** It stands still. */
export const clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));

export interface InProcessOptions {
  /** The store as the raced requests have it, before it is stepped: a place for faults. */
  readonly around?: (store: PlainStore) => PlainStore;
  /** All requests in one process: they may have to wait for each other. */
  readonly isOneProcess?: boolean;
  /** A seeded fault: the answer leaves before the commit. */
  readonly commitsLate?: boolean;
}

export function inProcess(
  store: PlainStore,
  document: RaceTrack['document'],
  options: InProcessOptions = {},
): RaceTrack {
  const stepped = steppedStore(options.around ? options.around(store) : store);
  const one = registrationOn(stepped, clock);
  // As many as requests in one race.
  const several = [one, registrationOn(stepped, clock), registrationOn(stepped, clock)];
  const managerFor = (index: number) => (options.isOneProcess ? one : several[index % several.length]!);
  const send = options.commitsLate ? sendLate : sendRight;
  return { bridge: { send: (sent) => send(managerFor(sent.racer.index), sent) }, probe: probeOf(store), document };
}

export function probeOf(store: PlainStore): Probe {
  const registration = registrationOn(store, clock);
  return {
    async seed(data) {
      const { exchange, cycle } = begin(registration, undefined);
      Object.assign(cycle.session, data);
      await cycle.commit();
      return tokenIn(exchange.cookies, NAME)!;
    },
    async open(token) {
      const { cycle } = begin(registration, token);
      await cycle.open();
      const session = cycle.session as AnySession;
      return session.isNew ? undefined : { data: { ...session }, user: session.userId as string | undefined };
    },
  };
}

/** The token that these cookies hand out; null: they take it away; undefined: neither. */
export function tokenIn(cookies: readonly string[], name: string): string | null | undefined {
  const cookie = cookies.findLast((header) => header.startsWith(`${name}=`));
  if (cookie === undefined) return undefined;
  return /Max-Age=0(;|$)/.test(cookie) ? null : cookie.slice(name.length + 1).split(';')[0];
}

type Send = (registration: Registration, sent: SentRequest) => ReturnType<Bridge['send']>;

const sendRight: Send = async (registration, { racer, token, handle, answered }) => {
  const { exchange, cycle } = begin(registration, token);
  await cycle.open();
  let status = 200;
  let result: unknown;
  try {
    result = await handle(cycle.session as AnySession);
  } catch (error) {
    status = (error as { status: number }).status;
  }
  try {
    await cycle.commit();
  } catch (error) {
    status = (error as { status: number }).status;
  }
  await racer.pause('before headers');
  exchange.headersSent = true;
  await answered({ status, token: tokenIn(exchange.cookies, NAME), result });
  await cycle.commit();
};

/** The mistake of others: the answer first, then the session. */
const sendLate: Send = async (registration, { racer, token, handle, answered }) => {
  const { exchange, cycle } = begin(registration, token);
  await cycle.open();
  const result = await handle(cycle.session as AnySession);
  await racer.pause('before headers');
  await answered({ status: 200, token: undefined, result });
  exchange.headersSent = true;
  await cycle.commit()?.catch(() => {});
};

function begin(registration: Registration, token: string | undefined) {
  const exchange = new FakeExchange(token && `${NAME}=${token}`);
  return { exchange, cycle: new RequestCycle(registration, exchange) };
}
