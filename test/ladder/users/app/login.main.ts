// One login in a process of its own, which stops before the store's call of a given number and tells its parent.
import mongoose from 'mongoose';
import { systemClock } from '../../../../lib/core/clock.interface.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { SessionState } from '../../../../lib/core/session/session-state.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { createMongoStore } from '../../../../lib/mongo/create-mongo-store.js';

const { MONGO_URI: uri = '', STOP_AT: stopAt, USER: userId, LIMIT: limit } = process.env;
const silent = { warn() {}, error() {} };
const client = await new mongoose.mongo.MongoClient(uri).connect();
const source = { client, collection: 'sessions' };
const settings = { timeoutMs: 10_000, indexes: 'off', failFast: false, clock: systemClock, cleanup: 'off' } as const;
const { store, codec } = createMongoStore({ source, log: silent, ...settings });

let calls = 0;
const stopping = new Proxy(store, {
  get(target, name) {
    const member = Reflect.get(target, name, target) as unknown;
    if (typeof member !== 'function') return member;
    return async (...args: unknown[]) => {
      if (calls++ === Number(stopAt)) {
        process.send!('stopped');
        await new Promise(() => {});
      }
      return (member as (...all: unknown[]) => unknown).apply(target, args);
    };
  },
});
const options = resolveOptions({ store: stopping, maxSessions: Number(limit) });
const { logins } = new Registration(options, stopping, codec, { emit() {}, log: silent }, createLoginProtocol);
const state = new SessionState(Date.now());
await logins.login(state, [], { userId }, { data: () => ({}) });
process.send!('done');
