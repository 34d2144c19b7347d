// What the requests do that are raced against each other: to the session, and in the model's plain words.
import type { SessionObject } from '../../../../lib/index.js';

export type AnySession = SessionObject<Record<string, unknown>>;
export type Data = Record<string, unknown>;

export interface Operation {
  readonly name: string;
  /** What the handler does. `by` names the request, and makes its values its own. */
  act(session: AnySession, by: string): unknown;
  /** What its writes do to the data, the first, the second, and so on; `view` is what it had read. */
  change?(data: Data, write: number, by: string, view: Data): void;
  /** Whether it must have written something when it is acknowledged. */
  mustWrite?(view: Data | undefined): boolean;
  /** Of the data, what stays with a new token; undefined: no new token. */
  readonly keep?: true | readonly string[];
  /** Whether it says whose session it is. */
  readonly isLogin?: true;
}

const always = () => true;

function set(name: string, key: string): Operation {
  return {
    name,
    act: (session, by) => void (session[key] = `${key} ${by}`),
    change: (data, _, by) => void (data[key] = `${key} ${by}`),
    mustWrite: always,
  };
}

export const OPERATIONS = {
  'set a': set('set a', 'a'),
  'set b': set('set b', 'b'),
  'set a again': {
    name: 'set a again',
    async act(session, by) {
      session['a'] = `once ${by}`;
      await session.save();
      session['a'] = `again ${by}`;
    },
    change: (data, write, by) => void (data['a'] = `${write === 0 ? 'once' : 'again'} ${by}`),
    mustWrite: always,
  },
  'delete a': {
    name: 'delete a',
    act: (session) => void delete session['a'],
    change: (data) => void delete data['a'],
    mustWrite: (view) => view !== undefined && 'a' in view,
  },
  read: { name: 'read', act: (session) => ({ ...session }) },
  touch: { name: 'touch', act: (session) => session.touch() },
  increment: {
    name: 'increment',
    act: (session) => session.increment('n'),
    change: (data) => void (data['n'] = ((data['n'] as number | undefined) ?? 0) + 1),
    mustWrite: always,
  },
  'regenerate keep': {
    name: 'regenerate keep',
    act: (session) => session.regenerate({ keep: true }),
    keep: true,
    mustWrite: (view) => view !== undefined,
  },
  login: {
    name: 'login',
    act: (session, by) => session.login(`user ${by}`),
    keep: [],
    isLogin: true,
    mustWrite: always,
  },
  'login keep': {
    name: 'login keep',
    act: (session, by) => session.login(`user ${by}`, { keep: ['a'] }),
    keep: ['a'],
    isLogin: true,
    mustWrite: always,
  },
  logout: { name: 'logout', act: (session) => session.logout(), mustWrite: (view) => view !== undefined },
  empty: {
    name: 'empty',
    act(session) {
      for (const key of Object.keys(session)) delete session[key];
    },
    change(data, _write, _by, view) {
      for (const key of Object.keys(view)) delete data[key];
    },
    mustWrite: (view) => view !== undefined && Object.keys(view).length > 0,
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Every pair, either of which may begin. */
export function allPairs(): OperationName[][] {
  return OPERATION_NAMES.flatMap((one, index) => OPERATION_NAMES.slice(index).map((other) => [one, other]));
}

/** Those whose steps differ most from each other. */
export const REPRESENTATIVE: readonly (readonly OperationName[])[] = [
  ['set a', 'set b'],
  ['set a', 'login keep'],
  ['set a again', 'logout'],
  ['delete a', 'regenerate keep'],
  ['increment', 'increment'],
  ['increment', 'login'],
  ['empty', 'set b'],
  ['login', 'login'],
  ['login', 'logout'],
  ['read', 'touch'],
];

/** Atomic changes of one session wait for each other within a process. */
export const WAITING: readonly (readonly OperationName[])[] = [
  ['increment', 'increment'],
  ['increment', 'login keep'],
  ['increment', 'logout'],
];

/** Those in which a third request can do what two can't: a chain of ends and beginnings, a third writer, a reader between. */
export const TRIPLES: readonly (readonly OperationName[])[] = [
  ['read', 'set a', 'login keep'],
  ['set a', 'login', 'logout'],
  ['set a', 'login keep', 'regenerate keep'],
  ['set a', 'set b', 'empty'],
  ['set a', 'set a', 'delete a'],
  ['increment', 'increment', 'increment'],
  ['increment', 'login keep', 'logout'],
  ['increment', 'set b', 'regenerate keep'],
  ['delete a', 'set b', 'empty'],
  ['login', 'login', 'logout'],
  ['login', 'regenerate keep', 'logout'],
  ['touch', 'login', 'logout'],
  ['empty', 'empty', 'set a'],
  ['empty', 'login', 'set b'],
];
