import type { Server } from 'node:http';
import type { mongo } from 'mongoose';

export interface Measurement {
  /** Bytes, after the garbage was collected. */
  readonly heap: number;
  readonly rss: number;
  readonly sockets: number;
  readonly timers: number;
  readonly listeners: number;
}

/** How much this process holds at the moment. */
export function measure(emitters: readonly (Server | mongo.MongoClient)[]): Measurement {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
  const { heapUsed: heap, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const countOf = (kind: RegExp) => resources.filter((name) => kind.test(name)).length;
  const listeners = [process, ...emitters].reduce((sum, emitter) => sum + listenersOf(emitter), 0);
  return { heap, rss, sockets: countOf(/TCPSocket/), timers: countOf(/Timeout/), listeners };
}

function listenersOf(emitter: Pick<NodeJS.EventEmitter, 'eventNames' | 'listenerCount'>): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
