import { MemorySessionStore } from '../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../support/mongo.js';
import { describeSessionStore } from './session-store.contract.js';
import { mongoStore } from './support/mongo-store.js';

const { db } = testDatabase();

describeSessionStore('MemorySessionStore', new MemorySessionStore());
describeSessionStore('MongoSessionStore', mongoStore({ collection: 'sessions', db }).store);
