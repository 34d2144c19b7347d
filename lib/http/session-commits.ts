/** What a session's request cycle is to the gate. */
export interface Closable {
  /** See `RequestCycle.close`. */
  close(): Promise<void> | undefined;
  /** See `RequestCycle.hasUnsavedChanges`. */
  readonly hasUnsavedChanges: boolean;
}

/** The commits of all sessions of one response. */
export class SessionCommits {
  readonly #cycles: Closable[] = [];

  add(cycle: Closable): void {
    this.#cycles.push(cycle);
  }

  /** Commits all. Undefined when nothing has to be written. */
  commit(): Promise<void> | undefined {
    let commits: Promise<void>[] | undefined;
    for (const cycle of this.#cycles) {
      const commit = cycle.close();
      if (commit) (commits ??= []).push(commit);
    }
    return commits && commits.length > 1 ? allDone(commits) : commits?.[0];
  }

  get hasUnsavedChanges(): boolean {
    return this.#cycles.some((cycle) => cycle.hasUnsavedChanges);
  }
}

async function allDone(commits: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(commits);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
