// Codes of errors in Mercurius: those of this library come by themselves, those of the app by the errorFormatter of docs/42-contexts.md.
import { ForbiddenException, HttpException } from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import mercurius from 'mercurius';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, RequireSession } from '../../lib/index.js';
import { startApp } from '../support/http.js';

@Resolver()
class RefusingResolver {
  @Query(() => Boolean)
  @RequireSession()
  ours() {
    return true;
  }

  @Query(() => Boolean)
  theirs(): boolean {
    throw new ForbiddenException('not for you');
  }
}

const CODES: Record<number, string> = { 400: 'BAD_REQUEST', 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };

const WITH_CODES: Partial<MercuriusDriverConfig> = {
  errorFormatter(execution, context) {
    for (const { originalError, extensions } of execution.errors ?? []) {
      if (originalError instanceof HttpException) extensions.code ??= CODES[originalError.getStatus()];
    }
    return mercurius.defaultErrorFormatter(execution, context);
  },
};

describe('errors in Mercurius', () => {
  const start = async (options: Partial<MercuriusDriverConfig>) => {
    const app = await startApp({
      platform: 'fastify',
      imports: [
        GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true, ...options }),
      ],
      providers: [RefusingResolver],
      sessions: { store: new MemorySessionStore() },
    });
    const client = app.client();
    return async (query: string) => {
      const { status, body } = await client.post('/graphql', { query });
      const { errors } = JSON.parse(body) as { errors: { message: string; extensions?: object }[] };
      return { status, ...errors[0]! };
    };
  };
  const extensions = {
    code: 'UNAUTHENTICATED',
    originalError: { statusCode: 401, message: 'Unauthorized', code: 'SESSION_REQUIRED', reason: 'none' },
  };

  test('have UNAUTHENTICATED if they are of a guard of this library', async () => {
    const ask = await start({});
    expect(await ask('{ ours }')).toMatchObject({ status: 200, extensions });
    expect((await ask('{ theirs }')).extensions).toBeUndefined();
  });

  test('have the code of any HttpException by an errorFormatter', async () => {
    const ask = await start(WITH_CODES);
    expect(await ask('{ ours }')).toMatchObject({ status: 200, extensions });
    expect(await ask('{ theirs }')).toMatchObject({ message: 'not for you', extensions: { code: 'FORBIDDEN' } });
  });
});
