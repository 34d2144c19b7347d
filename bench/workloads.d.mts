export interface Visitor {
  user: string;
  cookie: string;
}
export interface Workload {
  path: string;
  cookies?: 'small' | 'large' | 'logged in' | 'renewed';
  /** The handler asks for no session. */
  asksNothing?: boolean;
  /** Measured only when `--only` names it. */
  isNamedOnly?: boolean;
  isCounter?: boolean;
  renews?: boolean;
  writeEvery?: number;
  sharedBy?: number;
}
export function requestsOf(
  workload: Workload,
  visitors: Visitor[],
  index: number,
  connections: number,
): { path: string; visitor?: Visitor }[];
