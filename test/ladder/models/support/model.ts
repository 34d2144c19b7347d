// What a session library should do, in a few lines that know nothing of how this one does it.
export type Data = Record<string, unknown>;

export interface ModelSession {
  readonly handle: number;
  epoch: number;
  data: Data;
  user: string | undefined;
  begunAt: number;
  usedAt: number;
}

/** What a browser holds: a name of a session, and the epoch for which it is good. */
export interface ModelToken {
  readonly handle: number;
  readonly epoch: number;
}

export const IDLE = 30 * 60_000;
export const ABSOLUTE = 12 * 60 * 60_000;

export class Model {
  now = 0;
  readonly sessions = new Map<number, ModelSession>();
  /** By browser. */
  readonly jars: (ModelToken | undefined)[];
  /** Requests under way, by number: whose, and what they have read. */
  readonly open = new Map<
    number,
    { browser: number; hasSentToken: boolean; token: ModelToken | undefined; view: Data }
  >();
  #handles = 0;

  constructor(browsers: number) {
    this.jars = Array.from({ length: browsers }, () => undefined);
  }

  find(token: ModelToken | undefined): ModelSession | undefined {
    const session = this.sessions.get(token?.handle ?? -1);
    if (!session || session.epoch !== token!.epoch || this.now >= this.endOf(session)) return undefined;
    return session;
  }

  endOf({ usedAt, begunAt }: ModelSession): number {
    return Math.min(usedAt + IDLE, begunAt + ABSOLUTE);
  }

  /** Whether its use is written down by a request that changes nothing. */
  touchIsDue({ usedAt }: ModelSession): boolean {
    return this.now - usedAt >= IDLE / 10;
  }

  begin(data: Data, user?: string): ModelToken {
    const handle = this.#handles++;
    this.sessions.set(handle, { handle, epoch: 0, data, user, begunAt: this.now, usedAt: this.now });
    return { handle, epoch: 0 };
  }

  renew(session: ModelSession): ModelToken {
    session.epoch += 1;
    session.usedAt = this.now;
    return { handle: session.handle, epoch: session.epoch };
  }
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
