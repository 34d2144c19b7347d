import { MemorySessionStore } from '../../lib/core/store/memory-session.store.js';
import { createMongoStore } from '../../lib/mongo/create-mongo-store.js';
import { testDatabase } from '../support/mongo.js';
import { describeSessionStore } from './session-store.contract.js';

describeSessionStore('MemorySessionStore', () => new MemorySessionStore());

const { db } = testDatabase();
const log = { warn: console.warn, error: console.error };
const { store } = createMongoStore({
  source: { collection: 'sessions', db },
  timeoutMs: 10_000,
  indexes: 'off',
  failFast: false,
  log,
});

describeSessionStore('MongoSessionStore', () => store);
