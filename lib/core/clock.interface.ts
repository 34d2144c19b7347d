/** Where the time comes from. Injected, so that a test can move it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;

  /**
   * Calls back once, after so many milliseconds, unless the function that it returns is called
   * before. Keeps no process alive.
   * @default the timers of Node.js
   */
  startTimer?(callback: () => void, milliseconds: number): () => void;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Calls `Clock.startTimer`; a clock without it has the timers of Node.js. */
export function startTimer(clock: Clock, callback: () => void, milliseconds: number): () => void {
  if (clock.startTimer) return clock.startTimer(callback, milliseconds);
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
}
