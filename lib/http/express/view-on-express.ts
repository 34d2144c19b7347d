import type { IncomingMessage } from 'node:http';
import type { HttpAdapter, RequestView } from '../http-adapter.interface.js';

/** The getters of `app.request`, from which Express makes each of its requests. */
export function viewOnExpress(request: IncomingMessage, adapter: HttpAdapter): RequestView | undefined {
  const { request: prototype } = adapter.getInstance() as { request?: object };
  if (typeof prototype !== 'object') return undefined;
  const { headers, socket } = request;
  return Object.create(prototype, { headers: { value: headers }, socket: { value: socket } }) as RequestView;
}
