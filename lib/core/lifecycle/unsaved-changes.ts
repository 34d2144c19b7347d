import type { Clock } from '../clock.interface.js';
import { BackgroundTimer } from './background-timer.js';

/** A response that has closed, or whose client has gone while the handler still runs. */
export interface ClosedResponse {
  /** `abandoned`: the handler has not responded yet. Its changes are saved when it does. */
  readonly state: string;
  readonly hasUnsavedChanges: boolean;
}

const LOOK_EVERY_MS = 250;
const MAX_LOOKS = 4;
const MAX_LOOKS_UNANSWERED = 40;
const MAX_WATCHED = 32;

/**
 * Finds changes that nothing will save, to warn of them: assigning a property emits no event. A
 * sample is enough, because a handler that does it once does it with every request.
 */
export class UnsavedChanges {
  #watched: { readonly response: ClosedResponse; looks: number }[] = [];
  /** Where the next one is put once there are as many as may be. */
  #place = 0;
  readonly #timer: BackgroundTimer;

  constructor(
    clock: Clock,
    private readonly warnOnce: (message: string) => void,
  ) {
    this.#timer = new BackgroundTimer(clock, () => this.#look());
  }

  add(response: ClosedResponse): void {
    const entry = { response, looks: 0 };
    if (this.#watched.length < MAX_WATCHED) this.#watched.push(entry);
    else this.#watched[this.#place++ % MAX_WATCHED] = entry;
    if (!this.#timer.isRunning) this.#timer.start(LOOK_EVERY_MS);
  }

  /** Once no response is open any more. */
  stop(): void {
    this.#timer.stop();
    this.#watched = [];
  }

  #look(): void {
    this.#watched = this.#watched.filter((entry) => this.#needsAnotherLook(entry));
    if (this.#watched.length > 0) this.#timer.start(LOOK_EVERY_MS);
  }

  #needsAnotherLook(entry: { readonly response: ClosedResponse; looks: number }): boolean {
    const { response } = entry;
    const isUnanswered = response.state === 'abandoned';
    const max = isUnanswered ? MAX_LOOKS_UNANSWERED : MAX_LOOKS;
    entry.looks += 1;
    if (isUnanswered && entry.looks < max) return true;
    if (!response.hasUnsavedChanges) return entry.looks < max;
    this.warnOnce(isUnanswered ? UNANSWERED : CLOSED);
    return false;
  }
}

const CLOSED =
  'A session was changed after its response had closed, and the change was not saved. ' +
  'Change it before you respond, or call `await session.save()`.';

const UNANSWERED =
  'A handler has changed its session and has not responded, ten seconds after its client closed the connection. ' +
  'The change is saved when it responds; if it never does, call `await session.save()`.';
