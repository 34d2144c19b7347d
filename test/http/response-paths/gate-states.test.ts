// Walks the table of gate-state.ts: a real response in each state, and what every kind of call leads to there.
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Committable } from '../../../lib/http/response/session-commits.js';
import { sendFailureResponse } from '../../../lib/http/response/failure-response.js';
import { type GateState, REACTIONS, type Reaction } from '../../../lib/http/response/gate-state.js';
import { ResponseGate } from '../../../lib/http/response/response-gate.js';
import { servePlainly } from './raw-server.js';

type Kind = keyof (typeof REACTIONS)['open'];

/** A session that has something to write when the test says so. */
class Session implements Committable {
  readonly name = 'default';
  readonly hasUnsavedChanges = false;
  readonly hasTokenComing = false;
  isChanged = false;
  commits = 0;
  readonly #pending: { resolve: () => void; reject: (error: Error) => void }[] = [];

  commit(): Promise<void> | undefined {
    if (!this.isChanged) return undefined;
    this.isChanged = false;
    this.commits += 1;
    return new Promise<void>((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  abandon(): void {}

  async acknowledge(): Promise<void> {
    for (const { resolve } of this.#pending.splice(0)) resolve();
    await new Promise(setImmediate);
  }

  async fail(): Promise<void> {
    for (const { reject } of this.#pending.splice(0)) reject(new Error('not saved'));
    await new Promise(setImmediate);
  }
}

/** A guarded response on a connection of its own, and what reached Node. */
interface Guarded {
  readonly response: ServerResponse;
  readonly gate: ResponseGate;
  readonly session: Session;
  readonly passed: string[];
  readonly hangUp: () => void;
}

async function guarded(): Promise<Guarded> {
  const requests = new EventEmitter();
  const client = await servePlainly((response) => void requests.emit('response', response));
  const arrived = once(requests, 'response');
  const request = client.start('/').on('error', () => {});
  const [response] = (await arrived) as [ServerResponse];
  onTestFinished(() => {
    response.destroy();
    request.destroy();
  });
  response.on('error', () => {});
  const passed: string[] = [];
  for (const name of ['writeHead', 'write', 'end'] as const) {
    const original = response[name] as (...args: unknown[]) => unknown;
    Object.assign(response, {
      [name](this: ServerResponse, ...args: unknown[]) {
        passed.push(name);
        return original.apply(this, args);
      },
    });
  }
  const session = new Session();
  const respondWithFailure = (error: unknown) => sendFailureResponse(response, error);
  const gate = new ResponseGate(response, { respondWithFailure, log: () => {}, watchClosed: () => {} });
  gate.add(session);
  return { response, gate, session, passed, hangUp: () => void request.destroy() };
}

const REPLY = { hold: () => {}, send: () => {}, fail: () => {} };

/** Brings a response into a state, and calls `there` while it is in it. */
const REACH: Record<GateState, (guard: Guarded, there: () => void) => void | Promise<void>> = {
  open: (_guard, there) => there(),
  holding({ response, session }, there) {
    session.isChanged = true;
    response.write('held');
    there();
  },
  ended({ response, session }, there) {
    session.isChanged = true;
    response.end('held');
    there();
  },
  replying({ gate, session }, there) {
    session.isChanged = true;
    gate.commitThen(REPLY);
    there();
  },
  sending: ({ gate }, there) => gate.commitThen({ ...REPLY, send: there }),
  finishing({ gate, response }, there) {
    const send = () => {
      response.writeHead(200);
      there();
    };
    gate.commitThen({ ...REPLY, send });
  },
  sent({ response }, there) {
    response.write('begun');
    there();
  },
  over({ response }, there) {
    response.end('done');
    there();
  },
  async failed({ response, session }, there) {
    session.isChanged = true;
    response.end('held');
    await session.fail();
    there();
  },
  async closing({ response, hangUp }, there) {
    const closed = new Promise<void>((resolve) =>
      response.on('close', () => {
        there();
        resolve();
      }),
    );
    hangUp();
    await closed;
  },
  async abandoned({ response, hangUp }, there) {
    const closed = once(response, 'close');
    hangUp();
    await closed;
    there();
  },
};

/** Makes the call with a changed session, and tells what has become of it. */
function react(kind: Kind, { response, gate, session, passed }: Guarded): () => Promise<Reaction> {
  const [commits, calls] = [session.commits, passed.length];
  let [isSent, isIgnored] = [false, false];
  session.isChanged = true;
  const callback = (error?: Error | null) => {
    if (error?.message === 'write after end') isIgnored = true;
  };
  if (kind === 'write') response.write('more', callback);
  else if (kind === 'end') response.end('more', callback);
  else gate.commitThen({ ...REPLY, send: () => (isSent = true) });
  if (session.commits > commits) return () => Promise.resolve('commit');
  if (isSent || passed.length > calls) return () => Promise.resolve('pass');
  return async () => {
    await new Promise(setImmediate);
    return isIgnored || kind === 'reply' ? 'ignore' : 'wait';
  };
}

const cells = Object.entries(REACTIONS).flatMap(([state, reactions]) =>
  Object.entries(reactions).map(([kind, reaction]) => [state as GateState, kind as Kind, reaction] as const),
);

describe('ResponseGate', () => {
  it.each(cells)('%s: %s leads to %s', async (state, kind, reaction) => {
    const guard = await guarded();
    const seen: GateState[] = [];
    let result: (() => Promise<Reaction>) | undefined;
    await REACH[state](guard, () => {
      seen.push(guard.gate.state);
      result = react(kind, guard);
    });
    expect(seen).toEqual([state]);
    expect(await result!()).toBe(reaction);
  });

  it.each([
    ['holding', 'sent'],
    ['ended', 'over'],
    ['replying', 'open'],
  ] as const)('%s: an acknowledged commit leads to %s', async (state, next) => {
    const guard = await guarded();
    await REACH[state](guard, () => {});
    await guard.session.acknowledge();
    expect(guard.gate.state).toBe(next);
  });

  it.each([
    ['holding', 'failed'],
    ['ended', 'failed'],
    ['replying', 'open'],
  ] as const)('%s: a failed commit leads to %s', async (state, next) => {
    const guard = await guarded();
    await REACH[state](guard, () => {});
    await guard.session.fail();
    expect(guard.gate.state).toBe(next);
    expect(guard.gate.failure).toMatchObject({ message: 'not saved' });
  });

  it.each(['holding', 'ended', 'replying', 'sent', 'over'] as const)('%s: commits when it closes', async (state) => {
    const guard = await guarded();
    let closed: Promise<unknown> | undefined;
    let commits = 0;
    await REACH[state](guard, () => {
      closed = once(guard.response, 'close');
      ({ commits } = guard.session);
      guard.session.isChanged = true;
    });
    guard.hangUp();
    await closed;
    expect(guard.session.commits).toBe(commits + 1);
  });

  it('open: does not commit when it closes, because its handler is still running', async () => {
    const guard = await guarded();
    guard.session.isChanged = true;
    await REACH.abandoned(guard, () => {});
    expect(guard.session.commits).toBe(0);
  });
});
