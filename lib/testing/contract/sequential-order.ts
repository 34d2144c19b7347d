// A session's calls, made at once, must have had some order: tried out on a model of one session.

export interface Seen {
  readonly results: Readonly<Record<string, unknown>>;
  /** The keys in the end. */
  readonly left: readonly string[];
}

interface Model {
  readonly epoch: number;
  readonly keys: readonly string[];
  /** Whether a write was applied of which the store has said that it was not. */
  readonly isInDoubt?: boolean;
}

type Outcome = readonly [session: Model | undefined, result: unknown];

const GONE = ['gone'];

/**
 * The ways in which each call can end on a session, undefined for none: what it makes of it, and
 * what it resolves with.
 */
const CALLS: Readonly<Record<string, (session: Model | undefined) => readonly Outcome[]>> = {
  a: (session) => set(session, 0, 'a'),
  b: (session) => set(session, 0, 'b'),
  // This one begins when the new secret is there, so that it can't come before it: there is no such
  // epoch yet.
  c: (session) => (session?.epoch === 0 ? [] : set(session, 1, 'c')),
  secret: (session) => (session?.epoch === 0 ? [[{ epoch: 1, keys: session.keys }, true]] : [[session, false]]),
  read: (session) => [[session, session?.keys ?? GONE]],
  removed: (session) => [[undefined, session !== undefined]],
};

/**
 * A store that sends several writes together may hear only how many were applied. Of one whose
 * session has ended or got a new token in that very moment it can't tell then, and says false,
 * which loses nothing that was acknowledged; of all others it must be right.
 */
function set(session: Model | undefined, epoch: number, key: string): readonly Outcome[] {
  if (session?.epoch !== epoch) return [[session, false]];
  const next = { ...session, keys: [...session.keys, key].toSorted() };
  return [
    [next, true],
    [{ ...next, isInDoubt: true }, false],
  ];
}

/**
 * Whether there is an order of these calls, one after the other, that gives these results and
 * leaves these keys.
 */
export function explained({ results, left }: Seen): boolean {
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const follow = (session: Model | undefined, calls: readonly string[]): boolean => {
    if (calls.length === 0) return !session?.isInDoubt && isSame(session?.keys ?? GONE, left);
    return calls.some((call) => {
      const others = calls.filter((other) => other !== call);
      const outcomes = CALLS[call]!(session).filter(([, result]) => isSame(result, results[call]));
      return outcomes.some(([next]) => follow(next, others));
    });
  };
  return follow({ epoch: 0, keys: ['n'] }, Object.keys(results));
}
