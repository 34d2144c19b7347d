import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';

/** Apollo on Express, Mercurius on Fastify: the same resolvers. An app of yours has one of the two, and no switch. */
export async function createGraphqlModule(platform: string): Promise<DynamicModule> {
  if (platform === 'fastify') {
    const { MercuriusDriver } = await import('@nestjs/mercurius');
    return GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      // Takes JSON only, which no form of another site can send; Apollo does so without being asked. A handshake may pass.
      csrfPrevention: { requiredHeaders: ['sec-websocket-key'] },
      // Tells subscriptions their socket, whose handshake has sent the cookie.
      subscription: { context: (socket) => ({ socket }) },
    });
  }
  const { ApolloDriver } = await import('@nestjs/apollo');
  return GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    includeStacktraceInErrorResponses: false,
    subscriptions: { 'graphql-ws': true },
  });
}
