import { afterAll } from 'vitest';
import type { TestDatabase } from '../mongo.js';
import { FaultProxy } from './fault-proxy.js';

export interface DatabaseProxy extends FaultProxy {
  /** Leads through the proxy to the test's database, once that is open; a client gives up after half a second. */
  readonly uri: string;
}

/** A bad network before the primary of a test's database. Closed at first. Call it where hooks may be registered. */
export function proxyTo({ client, uri }: TestDatabase, options: Record<string, string> = {}): DatabaseProxy {
  let target = '';
  class ProxyToPrimary extends FaultProxy {
    get uri(): string {
      const [, credentials = '', name = '', query = ''] = /^\w+:\/\/([^/]*@)?[^/]*\/([^?]*)\??(.*)$/.exec(uri) ?? [];
      const search = new URLSearchParams(query);
      search.delete('replicaSet');
      search.set('directConnection', 'true');
      const impatient = { serverSelectionTimeoutMS: '500', heartbeatFrequencyMS: '500' };
      for (const [option, value] of Object.entries({ ...impatient, ...options })) search.set(option, value);
      return `mongodb://${credentials}127.0.0.1:${this.port}/${name}?${search}`;
    }

    override async open(): Promise<void> {
      const { primary, me } = await client.db('admin').command({ hello: 1 });
      // A server that stands alone names neither.
      target = (primary ?? me ?? client.options.hosts[0]!.toString()) as string;
      await super.open();
    }
  }
  const proxy = new ProxyToPrimary(() => target);
  afterAll(() => proxy.close());
  return proxy;
}
