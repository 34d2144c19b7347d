// Options: what is no duration, no choice and no option does not compile.
import type { Connection, mongo } from 'mongoose';
import { expectTypeOf } from 'vitest';
import { type Duration, MemorySessionStore, MongoSessionsModule, type SessionEvent } from '../../lib/index.js';
import type { SessionOptions, SessionStore } from '../../lib/index.js';

const durations: Duration[] = [1000, '500ms', '30s', '30m', '12h', '14d', '1.5h'];
export const right: SessionOptions = {
  collection: 'sessions',
  idleTimeout: durations[0]!,
  absoluteTimeout: '12h',
  permanent: { idleTimeout: '14d', absoluteTimeout: '90d' },
  cookie: { secure: 'auto', sameSite: 'none', path: '/', priority: 'high' },
  exclude: ['/assets/*', /^\/probe/],
  onInterrupted: 'throw',
  indexes: 'check',
  clock: { now: () => 0 },
};

export const wrong: SessionOptions[] = [
  // @ts-expect-error TS2322 no unit that there is
  { idleTimeout: '30 minutes' },
  // @ts-expect-error TS2322 no number
  { idleTimeout: 'soon' },
  // @ts-expect-error TS2322 no choice
  { onInterrupted: 'ignore' },
  // @ts-expect-error TS2322 no choice
  { indexes: true },
  // @ts-expect-error TS2820 no choice, with a capital
  { cookie: { sameSite: 'Lax' } },
  // @ts-expect-error TS2353 a cookie is always HttpOnly
  { cookie: { httpOnly: false } },
  // @ts-expect-error TS2353 no such option
  { resave: false },
  // @ts-expect-error TS2561 a slip of the pen
  { idletimeout: '30m' },
  // @ts-expect-error TS2322 no store
  { store: 'memory' },
  // @ts-expect-error TS2741 no clock
  { clock: {} },
];

// A connection of whichever kind, and neither an address nor another kind in its place.
declare const connection: Connection;
declare const client: mongo.MongoClient;
export const sources: SessionOptions[] = [
  { collection: 'sessions', connection },
  { collection: 'sessions', client, dbName: 'shop' },
  { collection: 'sessions', db: client.db('shop') },
  { collection: client.db('shop').collection('sessions') },
  { collection: connection.collection('sessions') },
  // @ts-expect-error TS2739 a client in place of a connection
  { collection: 'sessions', connection: client },
  // @ts-expect-error TS2739 a database in place of a client
  { collection: 'sessions', client: client.db() },
  // @ts-expect-error TS2322 an address in place of a client
  { collection: 'sessions', client: 'mongodb://127.0.0.1' },
  // @ts-expect-error TS2322 an object that is no collection
  { collection: {} },
];

expectTypeOf<MemorySessionStore>().toExtend<SessionStore>();
MongoSessionsModule.forRoot('sessions');
MongoSessionsModule.forRoot(right);
MongoSessionsModule.forRoot({ store: new MemorySessionStore() });
MongoSessionsModule.forRootAsync({ name: 'admin', useFactory: () => right });
MongoSessionsModule.forRootAsync({ useFactory: async () => right });
// @ts-expect-error TS2769 neither a name nor an object
MongoSessionsModule.forRoot(5);

// Events are told apart by their type.
declare const event: SessionEvent;
if (event.type === 'rejected') expectTypeOf(event.reason).toBeString();
else if (event.type !== 'notMovedIn') expectTypeOf(event.handle).toEqualTypeOf<string>();
// @ts-expect-error TS2339 only of rejected tokens
void event.reason;
// @ts-expect-error TS2367 no event of that name
export const isNone = event.type === 'login';
