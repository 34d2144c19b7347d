// What handlers see of a session with `requestSession: 'fastify-session'`.
import { sessionOf } from '../../../../lib/http/request-sessions.js';
import type { SessionOptions } from '../../../../lib/index.js';
import { type AnySession, startWorld, type Visit } from '../../../support/world.js';

export type Done = (error: unknown) => void;

export interface Face {
  [key: string]: unknown;
  readonly sessionId: string;
  readonly encryptedSessionId: undefined;
  cookie: { maxAge: number | null; originalMaxAge: number | null };
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  data(): object;
  touch(): Promise<void>;
  save(done?: Done): Promise<void>;
  reload(done?: Done): Promise<void>;
  destroy(done?: Done): Promise<void>;
  regenerate(keys?: readonly unknown[] | Done, done?: Done): Promise<void>;
  isModified(): boolean;
  isSaved(): boolean;
  options(options: object): void;
}

export interface FacedRequest {
  readonly session: Face;
  readonly raw: { readonly session: Face };
  readonly sessionStore: { get(id: string, done: (error: unknown, data: unknown) => void): void };
}

export const facedOf = ({ request }: Visit) => request as unknown as FacedRequest;
export const faceOf = (visit: Visit) => facedOf(visit).session;
export const oursOf = ({ request }: Visit) => sessionOf(request) as AnySession;
export const called = (start: (done: Done) => unknown) => new Promise((resolve) => void start(resolve));

export const start = (options: SessionOptions = {}) =>
  startWorld('fastify', { requestSession: 'fastify-session', ...options });

export async function startWith(data: object, options?: SessionOptions) {
  const world = await start(options);
  const browser = world.client();
  await world.visit(browser, (visit) => void Object.assign(faceOf(visit), data));
  return { world, browser };
}
