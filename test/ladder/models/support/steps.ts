// What one request may do to the session that it has read, and what that means.
import * as fc from 'fast-check';
import type { Data } from './model.js';
import type { AnySession } from '../../../support/core/world.js';

/** What one request does to the session that it has read. */
export interface Step {
  readonly name: string;
  act(session: AnySession): unknown;
  /** What becomes of the data; undefined: nothing is changed. */
  change?(data: Data, view: Data): void;
  /** The end of the session, or a new token; `keep`: what stays of the data. */
  readonly kind?: 'logout' | 'secret' | 'atomic';
  readonly keep?: true | readonly string[];
  readonly user?: string;
}

const KEYS = ['a', 'b', 'n'] as const;
const key = fc.constantFrom('a', 'b');
const value = fc.oneof(fc.nat(9), fc.constantFrom('x', 'y'), fc.constant(null));

export const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, value).map(([name, to]): Step => ({
    name: `sets ${name} to ${JSON.stringify(to)}`,
    act: (session) => void (session[name] = to),
    change: (data) => void (data[name] = to),
  })),
  fc.constantFrom(...KEYS).map((name): Step => ({
    name: `deletes ${name}`,
    act: (session) => void delete session[name],
    change: (data) => void delete data[name],
  })),
  fc.integer({ min: -3, max: 3 }).map((by): Step => ({
    name: `increments n by ${by}`,
    act: (session) => session.increment('n', by),
    change: (data) => void (data['n'] = ((data['n'] as number | undefined) ?? 0) + by),
    kind: 'atomic',
  })),
  key.map((name): Step => ({
    name: `takes ${name}`,
    act: (session) => session.take(name),
    change: (data) => void delete data[name],
    kind: 'atomic',
  })),
  fc.constant<Step>({ name: 'reads', act: (session) => ({ ...session }) }),
  fc.constant<Step>({
    name: 'empties it',
    act: (session) => Object.keys(session).forEach((name) => delete session[name]),
    change: (data, view) => Object.keys(view).forEach((name) => delete data[name]),
  }),
  fc.constantFrom(true as const, ['a'] as const, [] as const).map((keep): Step => ({
    name: `regenerates, keeping ${JSON.stringify(keep)}`,
    act: (session) => session.regenerate({ keep: keep === true ? keep : [...keep] }),
    kind: 'secret',
    keep,
  })),
  fc.tuple(fc.constantFrom('ada', 'grace'), fc.constantFrom(['b'] as const, [] as const)).map(([user, keep]): Step => ({
    name: `logs in as ${user}, keeping ${JSON.stringify(keep)}`,
    act: (session) => session.login(user, { keep: [...keep] }),
    kind: 'secret',
    keep,
    user,
  })),
  fc.constant<Step>({ name: 'logs out', act: (session) => session.logout(), kind: 'logout' }),
);
