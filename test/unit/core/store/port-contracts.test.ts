import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../../../support/mongo.js';
import { describePorts } from '../../../support/store/describe-ports.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { db } = testDatabase();

describePorts('MemorySessionStore', new MemorySessionStore());
describePorts('MongoSessionStore', mongoStore({ collection: 'sessions', db }).store);
