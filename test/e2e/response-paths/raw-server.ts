// Node's own server with a gate on every response, and sessions that are saved when the test says so.
import { createHook } from 'node:async_hooks';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import { replyWithFailure } from '../../../lib/http/failure-reply.js';
import { type Closable, ResponseGate } from '../../../lib/http/response-gate.js';
import { HttpClient } from '../../support/http-client.js';

/** A session that has something to write, until `finish` or `fail` is called. */
export class PendingWrite implements Closable {
  #settle: { finish: () => void; fail: (error: Error) => void } | undefined;
  #commit: Promise<void> | undefined = new Promise((resolve, reject) => {
    this.#settle = { finish: resolve, fail: reject };
  });

  close(): Promise<void> | undefined {
    const commit = this.#commit;
    this.#commit = undefined;
    return commit;
  }

  finish(): void {
    this.#settle!.finish();
  }

  fail(): void {
    this.#settle!.fail(new Error('a detail'));
  }
}

export const CLEAN: Closable = { close: () => undefined };

type Handler = (response: ServerResponse, gate: ResponseGate) => void;

export async function serve(cycles: readonly Closable[], handle: Handler, onFailure = vi.fn(replyWithFailure)) {
  const log = vi.fn();
  const client = await servePlainly((response) => {
    const gate = new ResponseGate(response, { answerFailure: (error) => onFailure(response, error), log });
    for (const cycle of cycles) gate.add(cycle);
    handle(response, gate);
  });
  return { client, log, onFailure };
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
