import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';
import { testDatabase } from '../../../support/mongo.js';
import { describeSessionStore } from '../../../../lib/testing/contract/describe-session-store.js';
import { mongoStore } from '../../../support/store/mongo-store.js';

const { db } = testDatabase();

describeSessionStore('MemorySessionStore', new MemorySessionStore(), { describe, test, expect });
describeSessionStore('MongoSessionStore', mongoStore({ collection: 'sessions', db }).store, { describe, test, expect });
