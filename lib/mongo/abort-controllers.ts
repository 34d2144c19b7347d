/** More than ever work at a time would only be kept. */
const MOST_KEPT = 16;

/**
 * Controllers to be used again and again, as long as they have aborted nothing: of all that a deadline takes, making one is the
 * most expensive, for Node gives each signal a prototype after it was made. The driver takes its listeners off with the
 * end of the operation, so that an operation never hears of a later one's end.
 */
export class AbortControllers {
  readonly #kept: AbortController[] = [];

  borrow(): AbortController {
    return this.#kept.pop() ?? withListenersInAList(new AbortController());
  }

  /** When the operation has ended, one way or the other. */
  giveBack(controller: AbortController): void {
    if (!controller.signal.aborted && this.#kept.length < MOST_KEPT) this.#kept.push(controller);
  }
}

type Listen = AbortSignal['addEventListener'];
type Listener = Parameters<Listen>[1];

/**
 * The driver listens to an operation's signal at each of its stations, and stops listening: an EventTarget takes so long for that that a
 * read is a twentieth quicker without. So functions that listen are kept here; everything else is the EventTarget's.
 */
function withListenersInAList(controller: AbortController): AbortController {
  const { signal } = controller;
  const listenByTarget = signal.addEventListener.bind(signal);
  const leaveByTarget = signal.removeEventListener.bind(signal);
  const listeners: ((event: Event) => unknown)[] = [];
  listenByTarget('abort', (event) => {
    for (const listener of listeners.splice(0)) listener.call(signal, event);
  });
  const listen: Listen = (type: string, listener: Listener, ...options: []) => {
    if (type === 'abort' && typeof listener === 'function') listeners.push(listener);
    else listenByTarget(type, listener, ...options);
  };
  const leave: AbortSignal['removeEventListener'] = (type: string, listener: Listener, ...options: []) => {
    const at = listeners.findLastIndex((known) => known === listener);
    if (at !== -1) listeners.splice(at, 1);
    else leaveByTarget(type, listener, ...options);
  };
  Object.assign(signal, { addEventListener: listen, removeEventListener: leave });
  return controller;
}
