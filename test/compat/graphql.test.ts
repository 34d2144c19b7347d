// @Session() in the resolvers of @nestjs/graphql: Apollo on Express, Mercurius on Fastify, at /graphql, outside of a global prefix.
import { ApolloDriver } from '@nestjs/apollo';
import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { Args, GqlExecutionContext, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../lib/index.js';
import { type HttpClient, type Platform, PLATFORMS, sharedApp } from '../support/http.js';

type Notes = SessionObject<{ note?: string; guarded?: boolean }>;
type Context = { req?: { session: Notes }; reply?: { request: { session: Notes } } };

class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { req, reply } = GqlExecutionContext.create(context).getContext<Context>();
    (req ?? reply!.request).session.guarded = true;
    return true;
  }
}

@Resolver()
class NotesResolver {
  @Query(() => String, { nullable: true })
  note(@Session<{ note?: string }>('note') note: string | undefined) {
    return note;
  }

  @Mutation(() => Boolean)
  write(@Session() session: Notes, @Args('text') text: string) {
    session.note = text;
    return true;
  }

  @Mutation(() => Boolean)
  fail(@Session() session: Notes): boolean {
    session.note = 'before it failed';
    throw new Error('no');
  }

  @Query(() => Boolean)
  @UseGuards(Guard)
  guarded(@Session() session: Notes) {
    return session.guarded;
  }
}

const DRIVERS = { express: ApolloDriver, fastify: MercuriusDriver };

async function ask(browser: HttpClient, query: string) {
  const { status, body, cookies } = await browser.post('/graphql', { query });
  return { status, cookies, ...(JSON.parse(body) as { data: unknown; errors?: unknown[] }) };
}

describe.each(PLATFORMS)('in resolvers on %s', (platform: Platform) => {
  const app = sharedApp(() => ({
    platform,
    sessions: { store: new MemorySessionStore() },
    imports: [GraphQLModule.forRoot({ driver: DRIVERS[platform], autoSchemaFile: true })],
    providers: [NotesResolver],
    configure: (nest) => void nest.setGlobalPrefix('api'),
  }));

  test('a mutation begins a session, a query reads it', async () => {
    const browser = app().client();
    expect(await ask(browser, '{ note }')).toEqual({ status: 200, cookies: [], data: { note: null } });
    const written = await ask(browser, 'mutation { write(text: "apples") }');
    expect(written).toMatchObject({ status: 200, data: { write: true }, cookies: [expect.stringMatching(/^id=/)] });
    expect(await ask(browser, '{ note }')).toEqual({ status: 200, cookies: [], data: { note: 'apples' } });
  });

  test('what a mutation changed before it failed is saved', async () => {
    const browser = app().client();
    expect(await ask(browser, 'mutation { fail }')).toMatchObject({ errors: [{ message: 'no' }] });
    expect((await ask(browser, '{ note }')).data).toEqual({ note: 'before it failed' });
  });

  test('a guard sees the same session', async () => {
    expect((await ask(app().client(), '{ guarded }')).data).toEqual({ guarded: true });
  });

  test('the fields of one operation share it', async () => {
    const browser = app().client();
    await ask(browser, 'mutation { a: write(text: "first") b: write(text: "second") }');
    expect((await ask(browser, '{ note again: note }')).data).toEqual({ note: 'second', again: 'second' });
  });
});
