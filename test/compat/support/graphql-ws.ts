// graphql-ws, its own client, and the two servers of Nest that speak it.
import { ApolloDriver } from '@nestjs/apollo';
import { MercuriusDriver } from '@nestjs/mercurius';
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { World } from '../../support/world.js';

/** What else a client says when it connects. */
export type Handshake = { origin?: string; connectionParams?: Record<string, string> };

export const DRIVERS = {
  express: { driver: ApolloDriver, subscriptions: { 'graphql-ws': true } },
  fastify: {
    driver: MercuriusDriver,
    subscription: { context: (socket: unknown) => ({ socket }), fullWsTransport: true },
  },
};

export function connect(world: World, cookie?: string, { origin, connectionParams = {} }: Handshake = {}): Client {
  class Socket extends WebSocket {
    constructor(url: string, protocols: string) {
      // A value is no name, also if it looks like one.
      const headers = { ...(cookie && { cookie }), 'x-app': 'X-Forwarded-Host' };
      super(url, protocols, { headers, ...(origin && { origin }) });
    }
  }
  const url = `${world.app.origin.replace('http', 'ws')}/graphql`;
  const client = createClient({ url, webSocketImpl: Socket, retryAttempts: 0, connectionParams });
  onTestFinished(() => void client.dispose());
  return client;
}
