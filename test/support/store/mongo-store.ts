import { systemClock } from '../../../lib/core/clock.interface.js';
import type { SourceOptions } from '../../../lib/core/options/resolved-options.interface.js';
import { createMongoStore, type MongoStoreOptions } from '../../../lib/mongo/create-mongo-store.js';

/** A store as a registration has it, and what it has written to the log. */
export function mongoStore(source: SourceOptions, given: Partial<MongoStoreOptions> = {}) {
  const lines: string[] = [];
  const log = {
    warn: (line: string) => lines.push(`warn: ${line}`),
    error: (line: string) => lines.push(`error: ${line}`),
  };
  const options = { timeoutMs: 10_000, indexes: 'off', failFast: false, clock: systemClock, ...given } as const;
  const { store, model, codec } = createMongoStore({ source, log, ...options });
  // Ours always has both.
  return { store: store as Required<typeof store>, model: model!, codec, lines };
}
