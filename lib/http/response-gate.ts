import type { ServerResponse } from 'node:http';
import { Disguise, headersSentError, ignoreAfterEnd } from './disguise.js';
import { cutOff, headOf, isDestroyed, prepareFailure, stackOf } from './failure-reply.js';
import type { Answer, GateHooks } from './gate-hooks.interface.js';
import { HeaderAdditions, copyOf } from './header-additions.js';
import { type ExitName, type Exits, ResponsePatch, resultOf } from './response-patch.js';
import { SessionCommits } from './session-commits.js';
import { type ClosedResponse, unsavedChanges } from './unsaved-changes.js';

type Call = readonly [exit: ExitName, args: unknown[]];

/**
 * Nothing of a response passes before what its sessions have to write is acknowledged. One a response, however many
 * sessions. While it holds the answer, the response looks answered; afterwards every call that came meanwhile is made good.
 * With nothing to write, every call goes straight through.
 *
 * - `waiting`: nothing has left. The first call to a way out is the moment to commit.
 * - `held`: a commit is under way; calls wait. Before the headers, or, if something changed after them, at the end.
 * - `open`: the headers have left.
 */
export class ResponseGate implements Exits, ClosedResponse {
  #stage: 'waiting' | 'held' | 'open' = 'waiting';
  #calls: Call[] = [];
  /** What the headers are made of beside those that are set, as it was when the first call had to wait. */
  #head: object | undefined;
  #hasEnded = false;
  #isAhead = false;
  #isSending = false;
  #failure: unknown;
  #isClosed = false;
  #isClientGone = false;
  /** While the listeners of `close` run, of the app and of the framework. */
  #isClosing = false;
  readonly commits = new SessionCommits();
  /** Headers of the sessions, for when the real ones leave. */
  readonly additions = new HeaderAdditions();
  readonly #patch: ResponsePatch;
  /** Made when it is first put on: most answers never wait. */
  #disguise: Disguise | undefined;

  readonly #response: ServerResponse;
  readonly hooks: GateHooks;

  constructor(response: ServerResponse, hooks: GateHooks) {
    this.#response = response;
    this.hooks = hooks;
    if (response.headersSent) this.#stage = 'open';
    if (response.destroyed) unsavedChanges.add(this);
    response.on('close', () => this.#close());
    this.#patch = new ResponsePatch(response, this);
  }

  /** Whether headers have really left, whatever the response looks like. */
  get headersSent(): boolean {
    return this.#disguise?.headersSent ?? this.#response.headersSent;
  }

  /** Whether the client closed the connection before it got a header. No token can reach it any more. */
  get isClientGone(): boolean {
    return (this.#isClientGone ||= !this.headersSent && isDestroyed(this.#response));
  }

  get isUnanswered(): boolean {
    return this.#isClientGone && this.#stage === 'waiting';
  }

  /** What has kept an answer from leaving, undefined when nothing has. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Commits ahead of the first way out, for a platform whose own error handling can still answer: then sends, or refuses with
   * the error, once. At once when nothing has to be written; not at all while another answer waits.
   */
  settle({ hold, send, refuse }: Answer): void {
    if (this.#isAhead) return;
    const commit = this.#stage === 'waiting' ? this.commits.commit() : undefined;
    if (!commit) return this.#send(send);
    this.#hold();
    this.#isAhead = true;
    // Not `writableEnded`: who waits for the end of the answer has to go on waiting.
    this.#look(undefined);
    hold?.();
    const go = (failure: { error: unknown } | undefined) => {
      // In one go, or someone finds the response open and answers in between.
      this.#reopen();
      if (!failure || this.#failure !== undefined) return this.#send(send);
      this.#failure = failure.error;
      refuse(failure.error);
    };
    void commit
      .then(
        () => go(undefined),
        (error: unknown) => go({ error }),
      )
      .catch(refuse)
      .catch((error: unknown) => this.#giveUp(error));
  }

  #send(send: () => void): void {
    this.#isSending = true;
    try {
      send();
    } finally {
      this.#isSending = false;
    }
  }

  /** A call to a way out. */
  leave(exit: ExitName, args: unknown[]): unknown {
    // A framework that ends the response because the client has gone does not wait for its handler.
    if (this.#isClosing) return this.#patch.call(exit, args);
    if (this.#stage === 'held') return this.#wait(exit, args);
    if (this.#failure && this.#response.writableEnded && exit !== 'writeHead')
      return ignoreAfterEnd(this.#response, exit, args);
    // When the platform sends, its end comes right after its headers, and nothing can have changed in between.
    const isDue = this.#stage === 'waiting' || (exit === 'end' && !this.#isSending && !this.#response.writableEnded);
    const commit = isDue ? this.commits.commit() : undefined;
    if (!commit) return this.#pass(exit, args);
    this.#hold();
    void commit
      .then(
        () => this.#release(),
        (error: unknown) => this.#fail(error),
      )
      .catch((error: unknown) => this.#refuse(error));
    // Inner middleware that waits for the headers (compression) has to have its say before they look sent.
    if (exit === 'flushHeaders') this.#response.writeHead(this.#response.statusCode);
    const result = this.#wait(exit, args);
    this.#look(() => this.#hasEnded);
    return result;
  }

  #hold(): void {
    this.#stage = 'held';
    this.#head = headOf(this.#response);
  }

  /** As if it were answered. */
  #look(hasEnded: (() => boolean) | undefined): void {
    this.#disguise ??= new Disguise(this.#response);
    this.#disguise.on(hasEnded);
  }

  #wait(exit: ExitName, args: unknown[]): unknown {
    if (this.#hasEnded || this.#isAhead) return ignoreAfterEnd(this.#response, exit, args);
    if (exit === 'writeHead' && (this.#calls.length > 0 || this.headersSent)) throw headersSentError();
    this.#calls.push([exit, exit === 'writeHead' ? args.map(copyOf) : args]);
    this.#hasEnded = exit === 'end';
    return resultOf(this.#response, exit);
  }

  #pass(exit: ExitName, args: unknown[]): unknown {
    const before = this.#stage;
    this.#stage = 'open';
    try {
      if (exit !== 'writeHead' || this.additions.isEmpty || this.headersSent) return this.#patch.call(exit, args);
      const result = this.#patch.call(exit, this.additions.applyTo(this.#response, args));
      this.additions.clear();
      return result;
    } catch (error) {
      if (!this.headersSent) this.#stage = before;
      throw error;
    }
  }

  /** Makes good what was held. The end may have to wait once more, if something changed meanwhile. */
  #release(): void {
    const calls = this.#calls;
    this.#reopen();
    this.#stage = 'open';
    let flows = false;
    for (const [exit, args] of calls) {
      const result = this.leave(exit, args);
      if (exit === 'write') flows = result !== false;
    }
    if (flows) this.#patch.emitDrain();
  }

  #reopen(): void {
    this.#disguise?.off();
    this.#stage = 'waiting';
    // Nobody can set a header meanwhile, but properties can be set.
    Object.assign(this.#response, this.#head);
    this.#calls = [];
    this.#hasEnded = false;
    this.#isAhead = false;
  }

  #fail(error: unknown): void {
    const calls = this.#calls;
    this.#reopen();
    if (this.headersSent) {
      this.hooks.log(`${LATE} The connection was cut, so that the client sees it.`);
      cutOff(this.#response);
    } else if (this.#isClosed) {
      this.hooks.log(`${LATE} The client had gone.`);
    } else if (this.#failure) {
      // What is held is the answer of an error already.
      for (const [exit, args] of calls) this.#pass(exit, args);
    } else {
      this.#answerInstead(error, true);
    }
  }

  /** Node refuses a call that had to wait: the handler can't be told any more. */
  #refuse(error: unknown): void {
    try {
      this.#reopen();
      if (this.#failure || this.headersSent || this.#isClosed) this.#giveUp(error);
      else this.#answerInstead(error, false);
    } catch (failure) {
      this.#giveUp(failure);
    }
  }

  #answerInstead(error: unknown, isLogged: boolean): void {
    this.#failure = error;
    this.#patch.renew();
    prepareFailure(this.#response, error);
    this.hooks.answerFailure(error, isLogged);
  }

  #giveUp(error: unknown): void {
    this.hooks.log(`The response failed, and its connection was closed: ${stackOf(error)}`);
    cutOff(this.#response);
  }

  /**
   * A response that has begun is saved now. Before that, its handler is still running: what it changes is complete
   * when it responds, though nobody will get the response.
   */
  #close(): void {
    this.#isClosed = true;
    unsavedChanges.add(this);
    if (this.#stage !== 'waiting' || this.#response.writableEnded) return this.#commitLate();
    this.#isClientGone = true;
    this.#isClosing = true;
    process.nextTick(() => (this.#isClosing = false));
    // A stream that is piped into a closed response writes nothing.
    this.#response.once('pipe', () => this.#commitLate());
  }

  #commitLate(): void {
    this.commits.commit()?.catch(() => this.hooks.log(`${LATE} The answer had ended, or the client had gone.`));
  }
}

const LATE = 'A session could not be saved, too late to tell the client.';
