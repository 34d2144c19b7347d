import type { ServerResponse } from 'node:http';
import { GATE } from '../symbols.js';
import { destroyConnection, isDestroyed, prepareFailure, stackOf } from './failure-response.js';
import { type GateState, REACTIONS } from './gate-state.js';
import { HeldResponse, headersSentError, ignoreAfterEnd } from './held-response.js';
import { type Commits, type Committable, addSession } from './session-commits.js';
import { SessionHeaders, copyOf } from './session-headers.js';
import { InterceptedResponse, type WriteMethod, resultOf } from './intercepted-response.js';

export interface GateHooks {
  /** Responds instead of the handler, and logs the error if nobody else does. */
  respondWithFailure(error: unknown, isLogged: boolean): void;
  log(message: string): void;
  /** Warns of changes that come too late to be saved. */
  watchClosed(gate: ResponseGate): void;
}

/** A reply of the platform. */
export interface PlatformReply {
  /** Called when the reply has to wait, before anyone can look at it. */
  readonly hold: () => void;
  readonly send: () => void;
  readonly fail: (error: unknown) => void;
}

type Call = readonly [method: WriteMethod, args: unknown[]];

/**
 * Lets nothing of a response leave before the changes of its sessions are acknowledged. While a
 * commit is pending, calls wait; with nothing to write, they go straight through. See
 * `gate-state.ts`.
 */
export class ResponseGate extends InterceptedResponse {
  #state: GateState = 'open';
  #calls: Call[] = [];
  /** Why the handler's response could not leave; undefined if nothing prevented it. */
  failure: unknown;
  #isClientGone = false;
  #commits: Commits | undefined;
  /** Headers of the sessions, added when the real ones leave. */
  readonly headers = new SessionHeaders();
  /** Created when a call first has to wait, which most responses never need. */
  held: HeldResponse | undefined;

  constructor(
    response: ServerResponse,
    readonly hooks: GateHooks,
  ) {
    super(response);
    if (response.headersSent) this.#state = 'sent';
    if (response.destroyed) hooks.watchClosed(this);
    response.on('close', () => this.#close());
  }

  /** Commits this session too before anything leaves. */
  add(session: Committable): void {
    this.#commits = addSession(this.#commits, session);
  }

  get hasUnsavedChanges(): boolean {
    return this.#commits?.hasUnsavedChanges === true;
  }

  get state(): GateState {
    return this.#state;
  }

  /** Whether headers have really left, whatever the response looks like. */
  get headersSent(): boolean {
    return this.held ? (this.held.getReal('headersSent') as boolean) : this.response.headersSent;
  }

  /** Whether the client hung up before it got a header, so that no token can reach it. */
  get isClientGone(): boolean {
    return (this.#isClientGone ||= !this.headersSent && isDestroyed(this.response));
  }

  /**
   * Commits before the first write, for a platform whose own error handling can still respond, then
   * sends or fails. Sends at once if nothing has to be written; does nothing while another reply
   * waits.
   */
  commitThen({ hold, send, fail }: PlatformReply): void {
    const { reply } = REACTIONS[this.#state];
    if (reply === 'ignore') return;
    if (reply === 'pass') return send();
    const commit = this.#commits?.commit();
    if (!commit) return this.#send(send);
    this.#state = 'replying';
    // Leave `writableEnded` false: Fastify has yet to call `end()`.
    this.#hold();
    hold();
    void commit
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      .then((failure) => {
        // Reopen and send in the same tick, or a handler could respond in between.
        this.#reopen('open');
        if (!failure || this.failure !== undefined) return this.#send(send);
        this.failure = failure.error;
        return fail(failure.error);
      })
      .catch(fail)
      .catch((error: unknown) => this.#giveUp(stackOf(error)));
  }

  #send(send: () => void): void {
    this.#state = 'sending';
    try {
      send();
    } finally {
      if (this.state === 'sending') this.#state = 'open';
      else if (this.state === 'finishing') this.#state = 'sent';
    }
  }

  protected intercept(method: WriteMethod, args: unknown[]): unknown {
    const reaction = REACTIONS[this.#state][method === 'end' ? 'end' : 'write'];
    if (reaction === 'wait') return this.#queueCall(method, args);
    if (reaction === 'ignore') return ignoreAfterEnd(this.response, method, args);
    const commit = reaction === 'commit' ? this.#commits?.commit() : undefined;
    if (!commit) return this.#forward(method, args);
    this.#state = 'holding';
    void commit
      .then(
        () => this.#release(),
        (error: unknown) => this.#fail(error, true),
      )
      .catch((error: unknown) => this.#fail(error, false))
      .catch((error: unknown) => this.#giveUp(stackOf(error)));
    // Inner middleware that waits for the headers (compression) must run before they look sent.
    if (method === 'flushHeaders') this.response.writeHead(this.response.statusCode);
    return this.#queueCall(method, args);
  }

  #queueCall(method: WriteMethod, args: unknown[]): unknown {
    if (method === 'writeHead' && (this.#calls.length > 0 || this.headersSent)) throw headersSentError();
    this.#calls.push([method, method === 'writeHead' ? args.map(copyOf) : args]);
    if (method === 'end') this.#state = 'ended';
    this.#hold();
    return resultOf(this.response, method);
  }

  #hold(): void {
    this.held ??= new HeldResponse(this.response);
    this.held.hold(this.#state === 'ended');
  }

  #call(method: WriteMethod, args: unknown[]): unknown {
    const before = this.#state;
    this.#state = this.#stateAfter(method);
    try {
      if (method !== 'writeHead' || this.headers.isEmpty || this.headersSent) return this.call(method, args);
      const result = this.call(method, this.headers.applyTo(this.response, args));
      this.headers.clear();
      return result;
    } catch (error) {
      this.#state = this.headersSent && REACTIONS[before].write === 'commit' ? 'sent' : before;
      throw error;
    }
  }

  #stateAfter(method: WriteMethod): GateState {
    if (this.#state === 'closing' || this.#state === 'over') return this.#state;
    if (method === 'end') return 'over';
    if (method === 'writeHead' && this.#state === 'sending') return 'finishing';
    return this.#state === 'finishing' ? 'finishing' : 'sent';
  }

  #forward(method: WriteMethod, args: unknown[]): unknown {
    const result = this.#call(method, args);
    // What the handler still writes is ignored then.
    if (method === 'end' && this.failure !== undefined) this.#state = 'failed';
    return result;
  }

  /**
   * Makes the calls that have waited. The headers may have to wait again, for the token of a login
   * that was called in the meantime, and the end for what has changed.
   */
  #release(): void {
    const calls = this.#calls;
    this.#reopen(this.#commits?.hasTokenComing && !this.headersSent ? 'open' : 'sent');
    let canWriteMore = false;
    for (const [method, args] of calls) {
      const result = this.intercept(method, args);
      if (method === 'write') canWriteMore = result !== false;
    }
    if (canWriteMore) this.emitDrain();
  }

  #reopen(state: GateState): void {
    this.held?.release();
    this.#state = state;
    this.#calls = [];
  }

  /**
   * @param isCommit whether a commit failed, which is logged already; otherwise Node refused a call
   * that had to wait
   */
  #fail(error: unknown, isCommit: boolean): void {
    const calls = this.#calls;
    this.#reopen('open');
    const isTooLate = this.headersSent || isDestroyed(this.response) || (this.failure !== undefined && !isCommit);
    if (isTooLate) return this.#giveUp(isCommit ? LATE : `A response failed: ${stackOf(error)}`);
    if (this.failure !== undefined) {
      // The calls that have waited are the response to a failure already.
      for (const [method, args] of calls) this.#forward(method, args);
      return;
    }
    this.failure = error;
    this.reinstall();
    prepareFailure(this.response, error);
    this.hooks.respondWithFailure(error, isCommit);
  }

  #giveUp(message: string): void {
    this.hooks.log(`${message} The connection was closed.`);
    if (this.headersSent) this.#state = 'failed';
    destroyConnection(this.response);
  }

  /**
   * Saves a response that has started. Otherwise its handler is still running, and its changes are
   * complete when it responds, though nobody will get the response.
   */
  #close(): void {
    this.hooks.watchClosed(this);
    if (this.#state !== 'open' || this.headersSent) return this.#commitLate();
    this.#isClientGone = true;
    this.#state = 'closing';
    process.nextTick(() => (this.#state = 'abandoned'));
    // A stream piped into a closed response writes nothing.
    this.response.once('pipe', () => this.#commitLate());
  }

  #commitLate(): void {
    this.#commits?.commit()?.catch(() => this.hooks.log(`${LATE} The response had ended, or the client had gone.`));
  }
}

const LATE = 'A session could not be saved, too late to tell the client.';

/** Kept on the response, because garbage collection takes ten times longer with a WeakMap. */
export function gateOf(response: ServerResponse): ResponseGate | undefined {
  return (response as { [GATE]?: ResponseGate })[GATE];
}
