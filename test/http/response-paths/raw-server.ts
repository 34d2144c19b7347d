// Responses of Node's own server behind the gate, and sessions that are saved when the test says so.
import { createHook } from 'node:async_hooks';
import { type IncomingMessage, ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import { sendFailureResponse } from '../../../lib/http/response/failure-response.js';
import type { Committable } from '../../../lib/http/response/session-commits.js';
import { ResponseGate } from '../../../lib/http/response/response-gate.js';
import { HttpClient } from '../../support/http.js';

/** A session that has something to write, until `finish` or `fail` is called. */
export class PendingWrite implements Committable {
  readonly name = 'default';
  readonly hasUnsavedChanges = false;
  readonly hasTokenComing = false;
  #settle: { finish: () => void; fail: (error: Error) => void } | undefined;
  #commit: Promise<void> | undefined = new Promise((resolve, reject) => {
    this.#settle = { finish: resolve, fail: reject };
  });

  commit(): Promise<void> | undefined {
    const commit = this.#commit;
    this.#commit = undefined;
    return commit;
  }

  abandon(): void {}

  finish(): void {
    this.#settle!.finish();
  }

  fail(): void {
    this.#settle!.fail(new Error('a detail'));
  }
}

export const CLEAN: Committable = {
  name: 'default',
  commit: () => undefined,
  abandon: () => {},
  hasUnsavedChanges: false,
  hasTokenComing: false,
};

type Handler = (response: ServerResponse, gate: ResponseGate) => void;

/** What a response has been through before it gets its gate. */
export const RESPONSES = ['as Node makes it', 'as Express gets it', 'that others have laid hands on'] as const;
export type ResponseKind = (typeof RESPONSES)[number];

/** Node's own server with a gate on every response of that kind. */
export function serveWith(kind: ResponseKind) {
  const isOfExpress = kind !== 'as Node makes it';
  return async (cycles: readonly Committable[], handle: Handler, onFailure = vi.fn(sendFailureResponse)) => {
    const log = vi.fn();
    const client = await servePlainly((response) => {
      if (isOfExpress) Object.setPrototypeOf(response, Object.create(ServerResponse.prototype) as object);
      if (kind === 'that others have laid hands on') wrap(response);
      const hooks = { respondWithFailure: (error: unknown) => onFailure(response, error), log, watchClosed: () => {} };
      const gate = new ResponseGate(response, hooks);
      for (const cycle of cycles) gate.add(cycle);
      handle(response, gate);
    });
    return { client, log, onFailure };
  };
}

/** As middleware does that looks at what is sent. */
function wrap(response: ServerResponse): void {
  for (const name of ['writeHead', 'write', 'end', 'setHeader'] as const) {
    const original = response[name] as (this: ServerResponse, ...args: unknown[]) => unknown;
    Object.assign(response, { [name]: (...args: unknown[]) => original.apply(response, args) });
  }
}

/** The same without a gate. */
export async function servePlainly(handle: (response: ServerResponse) => void): Promise<HttpClient> {
  const server = createServer((_request: IncomingMessage, response) => handle(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new HttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return client;
}

/** How many promises an action makes. */
export function promisesOf(action: () => void): number {
  let promises = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'PROMISE' && promises++) }).enable();
  action();
  hook.disable();
  return promises;
}
