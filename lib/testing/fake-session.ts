import mongoose from 'mongoose';
import type { Clock } from '../core/clock.interface.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { resolveOptions } from '../core/options/resolve-options.js';
import { SessionManager } from '../core/lifecycle/session-manager.js';
import type { SessionData } from '../core/session/session-data.interface.js';
import { encodeData } from '../core/data/session-encoding.js';
import type { SessionObject } from '../core/session/session.js';
import { checkAmr, checkUserId } from '../core/session/user-id.js';
import { MemorySessionStore } from '../core/store/memory-session.store.js';
import { UnitOfWork } from '../core/request/unit-of-work.js';
import { MongoBsonCodec } from '../mongo/documents/bson-codec.js';
import type { SignInOptions } from './sign-in-as.js';

/** Whose session it is, and how time passes for it. */
export interface FakeSessionOptions extends Pick<SignInOptions, 'userId' | 'amr'> {
  /** Such as a TestClock. @default the system's */
  clock?: Clock;
}

/**
 * A session for unit tests of handlers, with all of its methods, in memory: `fakeSession({ items: [] })`. With data or a user
 * it is stored already; without both it is that of a first visitor.
 */
export function fakeSession<T extends object = SessionData>(
  data: T = {} as T,
  { userId, amr, clock }: FakeSessionOptions = {},
): SessionObject<T> {
  const store = new MemorySessionStore();
  const options = resolveOptions({ store, ...(clock && { clock }) });
  const codec = new MongoBsonCodec(mongoose.mongo.BSON);
  const manager = new SessionManager(options, store, codec, { emit: ignore, log: { warn: ignore, error: ignore } });
  const state = manager.blank();
  if (userId !== undefined) state.begin(manager.now(), { userId: checkUserId(userId), amr: checkAmr(amr) });
  const commit = manager.prepare(state, data, true);
  // The store in memory has it at once, the state a turn later: the caller gets a session that is stored.
  void commit?.();
  if (commit)
    state.saved(encodeData(codec, data, options), { lastSeenAt: state.lastSeenAt, expiresAt: manager.expiryOf(state) });
  return new UnitOfWork(state, manager, NO_EXCHANGE).session as SessionObject<T>;
}

/** No request, and a response that takes every header and sends none. */
const NO_EXCHANGE: HttpExchange = {
  ...{ cookieHeader: undefined, remoteAddress: undefined, secure: true, headersSent: false, isClientGone: false },
  ...{ header: ignore, addCookie: ignore, setHeader: ignore, forbidCaching: ignore, varyBy: ignore },
  toFrameworkError: (error) => error,
};

function ignore(): undefined {}
