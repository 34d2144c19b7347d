// Errors of a session that a resolver over graphql-ws has got by MongoSessions.from(context).
import { Context, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { describe, expect, test } from 'vitest';
import { MongoSessions } from '../../lib/index.js';
import { PLATFORMS } from '../support/http.js';
import { startWorld, type World } from '../support/world.js';
import { DRIVERS, connect } from './support/graphql-ws.js';

@Resolver()
class CartResolver {
  constructor(private readonly sessions: MongoSessions) {}

  @Query(() => Boolean)
  ping() {
    return true;
  }

  @Mutation(() => Boolean)
  async add(@Context() context: object) {
    const session = await this.sessions.from(context);
    await session.push('items', ['pears']);
    return true;
  }

  @Mutation(() => Number)
  async revokeOthers(@Context() context: object) {
    return this.sessions.of(await this.sessions.from(context)).revokeOthers();
  }
}

async function errorOf(world: World, query: string): Promise<unknown> {
  // Mercurius ends the operation, Apollo gives a result with an error.
  const errors = await connect(world)
    .iterate({ query })
    .next()
    .then(
      ({ value }) => (value as { errors: unknown[] }).errors,
      (given: unknown[]) => given,
    );
  return errors[0];
}

describe.each(PLATFORMS)('a resolver over graphql-ws on %s', (platform) => {
  const start = () => {
    const imports = [GraphQLModule.forRoot({ autoSchemaFile: true, ...DRIVERS[platform] } as never)];
    return startWorld(platform, {}, { imports, providers: [CartResolver] });
  };

  test('that asks with its context refuses to begin a session, and says why', async () => {
    const message = expect.stringContaining('can not begin one') as string;
    expect(await errorOf(await start(), 'mutation { add }')).toMatchObject({ message });
  });

  test('that asks for the sessions of nobody gives UNAUTHENTICATED', async () => {
    const originalError = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_ANONYMOUS' };
    const extensions = { code: 'UNAUTHENTICATED', originalError };
    expect(await errorOf(await start(), 'mutation { revokeOthers }')).toMatchObject({ extensions });
  });
});
