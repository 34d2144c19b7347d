import { Observable, type Observer, type OperatorFunction, Subscriber, type Subscription } from 'rxjs';

/**
 * An Observable whose subscribers can't end the process. rxjs rethrows what a subscriber throws
 * where nobody can catch it, and nobody waits for a promise that it returns. Here both are
 * reported, and all subscribers go on. The same holds for what `pipe()` returns; what is combined
 * with other sources follows the rules of rxjs.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void, source: Observable<T>) {
    super((subscriber) => source.subscribe(subscriber));
    this.#report = report;
    this.pipe = ((...operators: OperatorFunction<unknown, unknown>[]) => {
      const piped = operators.reduce((previous, operator) => operator(previous), this as Observable<unknown>);
      return operators.length === 0 ? this : new GuardedObservable(report, piped);
    }) as Observable<T>['pipe'];
  }

  override subscribe(
    observer?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own subscriber, which passes everything on to a guarded one.
    if (observer instanceof Subscriber) return super.subscribe(observer);
    const given: Partial<Observer<T>> =
      typeof observer === 'object' && observer
        ? observer
        : { ...(observer && { next: observer }), ...(error && { error }), ...(complete && { complete }) };
    return super.subscribe({
      next: (value) => this.#run(() => given.next?.(value)),
      error: (reason: unknown) => (given.error ? this.#run(() => given.error?.(reason)) : this.#report(reason)),
      complete: () => this.#run(() => given.complete?.()),
    });
  }

  #run(action: () => unknown): void {
    try {
      const result = action();
      if (result instanceof Promise) result.catch(this.#report);
    } catch (error) {
      this.#report(error);
    }
  }
}
