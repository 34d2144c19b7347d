import { SessionState } from '../core/session/session-state.js';
import mongoose from 'mongoose';
import type { Clock } from '../core/clock.interface.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { refuseUnknownOf } from '../core/option-checks.js';
import { resolveOptions } from '../core/options/resolve-options.js';
import { Registration } from '../core/request/registration.js';
import type { SessionData } from '../core/session/session-data.interface.js';
import { encodeData } from '../core/data/session-encoding.js';
import type { SessionObject } from '../core/session/session.js';
import { checkAmr, checkUserId } from '../core/session/user-id.js';
import { MemorySessionStore } from '../core/store/memory-session.store.js';
import { UnitOfWork } from '../core/request/unit-of-work.js';
import { MongoBsonCodec } from '../mongo/documents/bson-codec.js';
import { checkData } from './check-data.js';
import type { SignInOptions } from './sign-in-as.js';

/** Whose session it is, and how time passes for it. */
export interface FakeSessionOptions extends Pick<SignInOptions, 'userId' | 'amr'> {
  /** Such as a TestClock. @default the system's */
  clock?: Clock;
}

/**
 * A session for unit tests of handlers, with all of its methods, in memory: `fakeSession({ items:
 * [] })`. With data or a user it is stored already; without both it is that of a first visitor.
 */
export function fakeSession<T extends object = SessionData>(
  data: T = {} as T,
  given: FakeSessionOptions = {},
): SessionObject<T> {
  refuseUnknownOf('fakeSession', given, ['userId', 'amr', 'clock']);
  const { userId, amr, clock } = given;
  const store = new MemorySessionStore();
  const options = resolveOptions({ store, ...(clock && { clock }) });
  const codec = new MongoBsonCodec(mongoose.mongo.BSON);
  const registration = new Registration(options, store, codec, { emit: ignore, log: { warn: ignore, error: ignore } });
  const { context, committer } = registration;
  checkData(data);
  const begun = new SessionState(context.now());
  if (userId !== undefined) context.begin(begun, { userId: checkUserId(userId), amr: checkAmr(amr) });
  const commit = committer.prepare(begun, data, true);
  // The store in memory has it at once, this state a few turns later: the caller gets another one,
  // which is stored.
  void commit?.();
  const state = new SessionState(context.now());
  state.become(begun);
  if (commit)
    state.saved(encodeData(codec, data, options), state.permanent, { times: context.timesAt(state.lastSeenAt, state) });
  return new UnitOfWork(state, registration, NO_EXCHANGE).session as SessionObject<T>;
}

/** No request, and a response that takes every header and sends none. */
const NO_EXCHANGE: HttpExchange = {
  ...{
    cookieHeader: undefined,
    remoteAddress: undefined,
    userAgent: undefined,
    secure: true,
    headersSent: false,
    isClientGone: false,
  },
  ...{ header: ignore, addCookie: ignore, setHeader: ignore, forbidCaching: ignore, varyBy: ignore },
  toFrameworkError: (error) => error,
};

function ignore(): undefined {}
