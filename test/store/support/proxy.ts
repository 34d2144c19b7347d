// A server that can be away: a TCP proxy before MongoDB that is opened, closed and held as a test needs it.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';
import type { TestDatabase } from '../../support/mongo.js';

export interface Proxy {
  /** Leads through the proxy to the test's database; a client gives up after half a second. */
  readonly uri: string;
  open(): Promise<void>;
  /** Cuts every connection and refuses new ones. */
  close(): Promise<void>;
}

/** Closed at first. Call it where hooks may be registered. */
export function proxyTo({ client, uri }: TestDatabase): Proxy {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  let target = '';

  const forward = (incoming: Socket) => {
    const [, host = '', targetPort = ''] = /^(.*):(\d+)$/.exec(target) ?? [];
    const outgoing = connect(Number(targetPort), host);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  };
  const listen = async () => {
    server = createServer(forward).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const close = async () => {
    const closed = server && once(server, 'close');
    server?.close();
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  afterAll(close);
  return {
    get uri() {
      const [, credentials = '', name = '', query = ''] = /^\w+:\/\/([^/]*@)?[^/]*\/([^?]*)\??(.*)$/.exec(uri) ?? [];
      const search = new URLSearchParams(query);
      search.delete('replicaSet');
      for (const option of ['serverSelectionTimeoutMS', 'heartbeatFrequencyMS']) search.set(option, '500');
      search.set('directConnection', 'true');
      return `mongodb://${credentials}127.0.0.1:${port}/${name}?${search}`;
    },
    async open() {
      const { primary, me } = await client.db('admin').command({ hello: 1 });
      target = (primary ?? me) as string;
      await listen();
    },
    close,
  };
}
