import mongoose from 'mongoose';
import type { Clock } from '../core/clock.interface.js';
import { refuseUnknownOf } from '../core/option-checks.js';
import { MemorySessionStore } from '../core/store/memory-session.store.js';
import type { SessionStore } from '../core/store/session-store.interface.js';
import { MongoBsonCodec } from '../mongo/documents/bson-codec.js';
import type { MongoStoreParts } from '../mongo/create-mongo-store.js';
import { CLOCK, STORE_PARTS } from '../nest/internal-tokens.js';

/** Where the sessions of the app under test go, and how time passes for them. */
export interface MemorySessionsOptions {
  /** The store of every registration. @default a new MemorySessionStore for each */
  store?: SessionStore;
  /** The clock of every registration, such as a TestClock. @default the app's own */
  clock?: Clock;
}

/** As much of `TestingModuleBuilder` as is used, so that the kit loads without @nestjs/testing. */
interface ProviderOverrides {
  overrideProvider(token: unknown): { useFactory(options: { factory: () => unknown }): unknown };
}

/**
 * Keeps the sessions of an app that imports MongoSessionsModule in memory, in all of its
 * registrations; their other options stay as they are, and nothing of this library connects to a
 * database. Returns the builder: `useMemorySessions(Test.createTestingModule({ imports: [AppModule]
 * }), { clock }).compile()`.
 */
export function useMemorySessions<Builder extends ProviderOverrides>(
  builder: Builder,
  options: MemorySessionsOptions = {},
): Builder {
  refuseUnknownOf('useMemorySessions', options, ['store', 'clock']);
  const { store, clock } = options;
  const codec = new MongoBsonCodec(mongoose.mongo.BSON);
  const factory = (): MongoStoreParts => ({ store: store ?? new MemorySessionStore(), codec, model: undefined });
  builder.overrideProvider(STORE_PARTS).useFactory({ factory });
  if (clock) builder.overrideProvider(CLOCK).useFactory({ factory: () => clock });
  return builder;
}
