// What must hold after every schedule, whatever its order.

export const INVARIANTS = {
  kept: 'no acknowledged change is lost',
  revived: 'no session is revived',
  token: 'a replaced token never works again',
  login: 'what began before a login never writes after it',
  seen: 'an acknowledged change is seen by the next request',
  counter: 'a counter by increment is exact',
  refused: 'only a request that was overtaken is refused',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}
