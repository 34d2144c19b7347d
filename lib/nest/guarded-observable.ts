import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';

/**
 * An Observable whose subscribers can't end the process. What a subscriber throws, rxjs throws again with nobody around to catch
 * it, and a promise that it rejects nobody waits for: either is reported here, and the other subscribers go on, as does this one.
 * The same holds for whatever is piped from it.
 */
export class GuardedObservable<T> extends Observable<T> {
  constructor(
    private readonly report: (error: unknown) => void,
    subscribe?: (subscriber: Subscriber<T>) => Subscription,
  ) {
    super(subscribe);
  }

  /** How operators make a new Observable of this one, in every rxjs 7. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(this.report);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    observer?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own: it hands everything on to a subscriber that is guarded.
    if (observer instanceof Subscriber) return super.subscribe(observer);
    const given: Partial<Observer<T>> =
      typeof observer === 'object' && observer
        ? observer
        : { ...(observer && { next: observer }), ...(error && { error }), ...(complete && { complete }) };
    return super.subscribe({
      next: (value) => this.#run(() => given.next?.(value)),
      error: (reason: unknown) => (given.error ? this.#run(() => given.error?.(reason)) : this.report(reason)),
      complete: () => this.#run(() => given.complete?.()),
    });
  }

  #run(action: () => unknown): void {
    try {
      const result = action();
      if (result instanceof Promise) result.catch(this.report);
    } catch (error) {
      this.report(error);
    }
  }
}
