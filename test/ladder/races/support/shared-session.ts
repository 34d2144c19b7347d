// One session that many clients use at once, and the journal of what they were told.

/** A value that only rises: what was acknowledged at least, and what was asked for at most. */
interface Bounds {
  acknowledged: number;
  asked: number;
}

export type Seen = Readonly<Record<string, number>>;

export class SharedSession {
  token = '';
  /** Tokens that were replaced, or whose session has ended: that was acknowledged. */
  readonly dead: string[] = [];
  /** While somebody replaces the token or ends the session, either may be met. */
  isChanging = false;
  isOver = false;
  readonly #values = new Map<string, Bounds>();

  asks(key: string): number {
    const bounds = this.#boundsOf(key);
    bounds.asked += 1;
    return bounds.asked;
  }

  /** What was asked for is acknowledged: of a value, that one; of a counter, one more. */
  acknowledges(key: string, value?: number): void {
    const bounds = this.#boundsOf(key);
    bounds.acknowledged = value ?? bounds.acknowledged + 1;
  }

  /** What a reader that begins now must see at least. */
  atLeast(): Seen {
    return Object.fromEntries([...this.#values].map(([key, { acknowledged }]) => [key, acknowledged]));
  }

  /** What is wrong with what a reader has seen who has begun when `atLeast` was acknowledged. */
  judge(seen: Seen, atLeast: Seen): string[] {
    return Object.entries(atLeast).flatMap(([key, least]) => {
      const value = seen[key] ?? 0;
      const most = this.#boundsOf(key).asked;
      return value < least || value > most
        ? [`${key} is ${value}, after ${least} was acknowledged and ${most} asked for`]
        : [];
    });
  }

  /** Nobody can tell what has become of some requests: those are between the two. */
  get isCertain(): boolean {
    return [...this.#values.values()].every(({ acknowledged, asked }) => acknowledged === asked);
  }

  #boundsOf(key: string): Bounds {
    const bounds = this.#values.get(key) ?? { acknowledged: 0, asked: 0 };
    this.#values.set(key, bounds);
    return bounds;
  }
}
