/**
 * What a session's operations return. A rejection that nobody handles is reported and ends nothing,
 * least of all the process. Who awaits it, or attaches a handler, calls `then`: so it is known that
 * somebody will hear of the failure.
 */
export class ObservedPromise<T> extends Promise<T> {
  #isHandled = false;

  /**
   * What is derived from it is an ordinary promise: a mistake in a handler stays that handler's
   * own.
   */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static run<T>(operation: () => Promise<T>, report: (error: unknown) => void): Promise<T> {
    const promise = new ObservedPromise<T>((resolve) => resolve(operation()));
    // Not its own `then`, by which it would count as handled.
    void Promise.prototype.then.call(promise, undefined, (error: unknown) => {
      // Not in this turn: the caller may have got the promise just now.
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
