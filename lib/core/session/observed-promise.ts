/**
 * The promise that a session's operations return. If nobody handles its rejection, it is reported,
 * and doesn't end the process. Awaiting it or attaching a handler calls `then`, which shows that
 * somebody will handle a failure.
 */
export class ObservedPromise<T> extends Promise<T> {
  #isHandled = false;

  /** Derived promises are ordinary ones: a mistake in a handler is the handler's own. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static run<T>(operation: () => Promise<T>, report: (error: unknown) => void): Promise<T> {
    const promise = new ObservedPromise<T>((resolve) => resolve(operation()));
    // Not its own `then`, by which it would count as handled.
    void Promise.prototype.then.call(promise, undefined, (error: unknown) => {
      // Not in this turn, because the caller may just have received the promise.
      setImmediate(() => {
        if (!promise.#isHandled) report(error);
      });
    });
    return promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isHandled = true;
    return super.then(onFulfilled, onRejected);
  }
}
