import { SessionError } from '../errors.js';

/**
 * Runs tasks one after the other; one that fails does not stop the next. A deadline (by
 * `performance.now()`) holds from the call: a caller that waits longer, for its turn or for the
 * result, gets an `OverdueError`, and a task that has not started by then never does.
 */
export class SerialQueue {
  #tail: Promise<void> | undefined;

  /** @param whenIdle called when the last task has ended */
  constructor(private readonly whenIdle: () => void = noop) {}

  /** The end of all tasks that were given so far; undefined when nothing runs. Never rejects. */
  get tail(): Promise<void> | undefined {
    return this.#tail;
  }

  run<T>(task: () => Promise<T>, deadline = Infinity): Promise<T> {
    const before = this.#tail;
    const begin = () => (performance.now() < deadline ? task() : Promise.reject(new OverdueError()));
    const result = before ? before.then(begin) : task();
    const tail = result.then(noop, noop).then(() => {
      if (this.#tail !== tail) return;
      this.#tail = undefined;
      this.whenIdle();
    });
    this.#tail = tail;
    return before && deadline < Infinity ? settleBy(deadline, result) : result;
  }
}

async function settleBy<T>(deadline: number, result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OverdueError()), deadline - performance.now());
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The time was over before the task had its turn, or was done. */
export class OverdueError extends SessionError {
  constructor() {
    const what = 'Operations on the same session that came first took up all of the time (`timeoutMs`) of this one.';
    super('SESSION_STORE_UNAVAILABLE', `${what} Check that the store answers in time, or send fewer at once.`);
  }
}

function noop(): void {}
