import { SerialQueue } from './serial-queue.js';

/**
 * Runs what has the same key one after the other, and what has not at the same time. Holds nothing
 * once all is done.
 */
export class KeyedQueue {
  readonly #queues = new Map<string, SerialQueue>();

  /** See `SerialQueue.run`. */
  run<T>(key: string, task: () => Promise<T>, deadline?: number): Promise<T> {
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = new SerialQueue(() => this.#queues.delete(key));
      this.#queues.set(key, queue);
    }
    return queue.run(task, deadline);
  }
}
