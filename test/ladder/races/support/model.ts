// What the sessions of one race should be: a plain replay of what the server has applied, in that order, and of what clients were told.
import type { StoreOperation, StoreWatcher } from './stepped.store.js';
import type { Data, Operation } from './operations.js';
import type { Invariant, Violation } from './invariants.js';

export interface ModelSession {
  epoch: number;
  data: Data;
  user?: string;
}

/** What one token opens, as a client sees it; undefined: nothing. */
export type Opened = { readonly data: Data; readonly user?: string | undefined } | undefined;

export interface Answer {
  readonly status: number;
  /** The token that it hands out, null: it takes it away, undefined: neither. */
  readonly token: string | null | undefined;
  /** What the operation has resolved with. */
  readonly result: unknown;
}

export class Model {
  readonly sessions = new Map<string, ModelSession>();
  readonly ended = new Set<string>();
  /** Every token that was ever handed out, and the epoch that it is good for. */
  readonly tokens = new Map<string, { handle: string; epoch: number }>();
  readonly requests: ModelRequest[] = [];
  readonly violations: Violation[] = [];
  /** What the browser holds. */
  jar: string | undefined;

  constructor(token: string, data: Data) {
    this.jar = token;
    this.tokens.set(token, { handle: handleOf(token), epoch: 0 });
    this.sessions.set(handleOf(token), { epoch: 0, data: { ...data } });
  }

  request(operation: Operation): ModelRequest {
    const request = new ModelRequest(this, operation, String(this.requests.length + 1));
    this.requests.push(request);
    return request;
  }

  /** The session that a token opens now. */
  open(token: string | undefined): { handle: string; session: ModelSession } | undefined {
    const { handle, epoch } = this.tokens.get(token ?? '') ?? { handle: '', epoch: 0 };
    const session = this.sessions.get(handle);
    return session?.epoch === epoch ? { handle, session } : undefined;
  }

  end(handle: string): void {
    this.sessions.delete(handle);
    this.ended.add(handle);
  }

  /** Compares what a token opens with what it should open. */
  compare(token: string | undefined, actual: Opened, otherwise: Invariant, when: string): void {
    const expected = this.open(token);
    if (expected && actual) this.#compareSession(expected.handle, actual, otherwise, when);
    else if (expected) this.violate(otherwise, `${when}: the session is gone, with ${show(expected.session.data)}`);
    else if (actual) {
      const isAlive = this.sessions.has(this.tokens.get(token ?? '')?.handle ?? '');
      this.violate(isAlive ? 'token' : 'revived', `${when}: a dead token opens ${show(actual.data)}`);
    }
  }

  /** Compares a document with what it should be. */
  compareDocument(handle: string, actual: Opened): void {
    if (this.sessions.has(handle) && actual) this.#compareSession(handle, actual, 'kept', 'at the end');
    else if (actual) this.violate('revived', `a document of a session that has ended holds ${show(actual.data)}`);
    else if (this.sessions.has(handle)) this.violate('kept', 'a session is gone that nobody has ended');
  }

  violate(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what });
  }

  #compareSession(handle: string, actual: NonNullable<Opened>, otherwise: Invariant, when: string): void {
    const { data, epoch, user } = this.sessions.get(handle)!;
    for (const key of new Set([...Object.keys(data), ...Object.keys(actual.data)])) {
      const [is, should] = [actual.data[key], data[key]];
      if (is === should) continue;
      const writer = this.requests.find(({ by }) => String(is).endsWith(` ${by}`));
      const isEarlier = writer?.origin?.handle === handle && writer.origin.epoch < epoch;
      const invariant = isEarlier ? 'login' : key === 'n' ? 'counter' : otherwise;
      this.violate(invariant, `${when}: ${key} is ${show(is)}, and should be ${show(should)}`);
    }
    if (actual.user !== user)
      this.violate('login', `${when}: it belongs to ${show(actual.user)}, not to ${show(user)}`);
  }
}

/** One request, as the model follows it. */
export class ModelRequest implements StoreWatcher {
  token: string | undefined;
  hasLoaded = false;
  /** The session as it was read; undefined: none. */
  origin: { readonly handle: string; readonly epoch: number; readonly view: Data } | undefined;
  /** What the browser's next request has found, just after the answer to this one. */
  next: Opened;
  #mine: { handle: string; epoch: number } | undefined;
  #writes = 0;
  #answer: Answer | undefined;
  #hasWritten = false;
  #hasNewToken = false;
  #mustFail = false;
  #sum = 1;

  constructor(
    private readonly model: Model,
    readonly operation: Operation,
    readonly by: string,
  ) {}

  /** What it has read, and what it was told; a token has no name that two runs share. */
  get summary(): unknown {
    const { status, token, result } = this.#answer ?? {};
    return [
      sorted(this.origin?.view),
      status,
      token === undefined ? 'none' : token && 'new',
      result,
      sorted(this.next?.data),
      this.next?.user,
    ];
  }

  loaded(): void {
    this.hasLoaded = true;
    const opened = this.model.open(this.token);
    if (!opened) return;
    const { handle, session } = opened;
    this.#mine = { handle, epoch: session.epoch };
    this.origin = { ...this.#mine, view: { ...session.data } };
  }

  /** What the handler sees. */
  sees(data: Data | undefined): void {
    const view = this.origin?.view;
    if (show(sorted(data)) !== show(sorted(view)))
      this.model.violate('seen', `request ${this.by} sees ${show(data)}, and should see ${show(view)}`);
  }

  done(operation: StoreOperation, args: readonly unknown[], result: unknown): void {
    const session = this.#session();
    switch (operation) {
      case 'insert':
        return this.#insert((args[0] as { handle: string }).handle);
      case 'update':
        if (isDataChange(args[1])) this.#write(session, result === true);
        // Who asks for a touch hears when there was nothing to touch.
        else if (this.operation.name === 'touch') this.#mustFail ||= result === false;
        return;
      case 'replaceValue':
        this.#write(session, result === true);
        if (session) this.#sum = session.data['n'] as number;
        return;
      case 'replaceSecret':
        return this.#replaceSecret(session, result === true);
      case 'removeIfEmpty':
        if (session && Object.keys(session.data).length === 0 && session.user === undefined)
          this.model.end(this.#mine!.handle);
        return;
      case 'remove':
        this.#hasWritten = true;
        return this.model.end(this.#mine!.handle);
      default:
        // It looks again, since its value was not the newest: what has ended meanwhile can't be changed.
        this.#mustFail ||= session === undefined;
    }
  }

  answered(answer: Answer): void {
    const { status, token, result } = (this.#answer = answer);
    const { model, by, operation } = this;
    const name = `request ${by} (${operation.name})`;
    if (status === 200 && this.#mustFail) model.violate('kept', `${name} is acknowledged, though it came too late`);
    else if (status !== 200 && (status !== 409 || !this.#mustFail)) model.violate('refused', `${name} hears ${status}`);
    else if (status === 200 && !this.#hasWritten && operation.mustWrite?.(this.origin?.view))
      model.violate('seen', `${name} is acknowledged, and nothing is written`);
    if (status === 200 && operation.name === 'increment' && result !== this.#sum)
      model.violate('counter', `${name} resolves with ${show(result)}, and should with ${this.#sum}`);
    if (status === 200 && this.#hasNewToken && token === undefined) model.violate('seen', `${name} hands out no token`);
    if (token === null) model.jar = undefined;
    else if (token !== undefined) {
      model.jar = token;
      model.tokens.set(token, this.#mine ?? { handle: handleOf(token), epoch: -1 });
    }
  }

  #session(): ModelSession | undefined {
    const session = this.model.sessions.get(this.#mine?.handle ?? '');
    return session?.epoch === this.#mine?.epoch ? session : undefined;
  }

  #insert(handle: string): void {
    const { model, operation, by } = this;
    if (model.ended.has(handle) || model.sessions.has(handle)) model.violate('revived', 'a handle is used again');
    const data: Data = {};
    operation.change?.(data, this.#writes++, by, {});
    this.#mine = { handle, epoch: 0 };
    this.#hasWritten = this.#hasNewToken = true;
    model.sessions.set(handle, { epoch: 0, data, ...(operation.isLogin && { user: `user ${by}` }) });
  }

  #write(session: ModelSession | undefined, isDone: boolean): void {
    if (!session) this.#mustFail = true;
    else if (isDone) {
      this.operation.change?.(session.data, this.#writes++, this.by, this.origin?.view ?? {});
      this.#hasWritten = true;
    }
  }

  #replaceSecret(session: ModelSession | undefined, isDone: boolean): void {
    const { keep = [], isLogin } = this.operation;
    if (!session) this.#mustFail = keep === true || keep.length > 0;
    else if (isDone) {
      session.epoch += 1;
      this.#mine = { handle: this.#mine!.handle, epoch: session.epoch };
      this.#hasWritten = this.#hasNewToken = true;
      if (keep !== true)
        session.data = Object.fromEntries(Object.entries(session.data).filter(([key]) => keep.includes(key)));
      if (isLogin) session.user = `user ${this.by}`;
    }
  }
}

/** The public name in a token. */
function handleOf(token: string): string {
  return Buffer.from(token, 'base64url').toString('hex', 0, 12);
}

function isDataChange(change: unknown): boolean {
  const { set, unset } = change as { set?: unknown; unset?: unknown };
  return set !== undefined || unset !== undefined;
}

function sorted(data: Data | undefined): Data | undefined {
  return data && Object.fromEntries(Object.entries(data).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
