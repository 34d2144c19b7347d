/** What a session's request cycle is to the gate. */
export interface Committable {
  /** Name of the registration. */
  readonly name: string;
  /** See `RequestCycle.close`. */
  commit(): Promise<void> | undefined;
  /** See `RequestCycle.abandon`. */
  abandon(): void;
  /** See `RequestCycle.hasUnsavedChanges`. */
  readonly hasUnsavedChanges: boolean;
}

/**
 * The commits of all sessions of one response: the default one first, the others in the order of
 * their names. When one fails, those before it are saved, and those after it are not.
 */
export class SessionCommits {
  readonly #cycles: Committable[] = [];
  #pending: Promise<void> | undefined;

  add(cycle: Committable): void {
    this.#cycles.push(cycle);
    if (this.#cycles.length > 1) this.#cycles.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  }

  /** Commits all. Undefined when nothing has to be written. */
  commit(): Promise<void> | undefined {
    if (this.#pending) return this.#pending.catch(() => {}).then(() => this.commit());
    const commit = commitInOrder(this.#cycles);
    if (!commit || this.#cycles.length === 1) return commit;
    return (this.#pending = commit.finally(() => (this.#pending = undefined)));
  }

  get hasUnsavedChanges(): boolean {
    return this.#cycles.some((cycle) => cycle.hasUnsavedChanges);
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
    for (const other of others) other.abandon();
    throw error;
  }
  await commitInOrder(others);
}

function placeOf({ name }: Committable): string {
  return name === 'default' ? '' : name;
}
