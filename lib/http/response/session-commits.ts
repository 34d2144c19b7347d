/** A session's request cycle, as the gate sees it. */
export interface Committable {
  /** Name of the registration. */
  readonly name: string;
  /** See `RequestCycle.commit`. */
  commit(): Promise<void> | undefined;
  /** See `RequestCycle.abandon`. */
  abandon(): Promise<void> | void;
  /** See `RequestCycle.hasUnsavedChanges`. */
  readonly hasUnsavedChanges: boolean;
  /** See `RequestCycle.hasTokenComing`. */
  readonly hasTokenComing: boolean;
}

/** What a gate commits. */
export type Commits = Pick<Committable, 'commit' | 'hasUnsavedChanges' | 'hasTokenComing'>;

/** Most responses have one session, which needs no list. */
export function addSession(commits: Commits | undefined, cycle: Committable): Commits {
  if (!commits) return cycle;
  const all = commits instanceof SessionCommits ? commits : new SessionCommits(commits as Committable);
  return all.add(cycle);
}

/**
 * The sessions of a response with several: the default one first, the others in the order of their
 * names. If one fails, those before it are saved, and those after it are not.
 */
class SessionCommits implements Commits {
  readonly #cycles: Committable[];
  #pending: Promise<void> | undefined;

  constructor(first: Committable) {
    this.#cycles = [first];
  }

  add(cycle: Committable): this {
    this.#cycles.push(cycle);
    this.#cycles.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    return this;
  }

  commit(): Promise<void> | undefined {
    if (this.#pending) return this.#pending.catch(() => {}).then(() => this.commit());
    const commit = commitInOrder(this.#cycles);
    return commit && (this.#pending = commit.finally(() => (this.#pending = undefined)));
  }

  get hasUnsavedChanges(): boolean {
    return this.#cycles.some((cycle) => cycle.hasUnsavedChanges);
  }

  get hasTokenComing(): boolean {
    return this.#cycles.some((cycle) => cycle.hasTokenComing);
  }
}

function commitInOrder(cycles: readonly Committable[]): Promise<void> | undefined {
  for (const [index, cycle] of cycles.entries()) {
    const commit = cycle.commit();
    if (commit) return commitBefore(cycles.slice(index + 1), commit);
  }
  return undefined;
}

async function commitBefore(others: readonly Committable[], commit: Promise<void>): Promise<void> {
  try {
    await commit;
  } catch (error) {
    await Promise.all(others.map(async (other) => other.abandon()));
    throw error;
  }
  await commitInOrder(others);
}

function placeOf({ name }: Committable): string {
  return name === 'default' ? '' : name;
}
