// @Session() in the resolvers of @nestjs/graphql: Apollo on Express, Mercurius on Fastify, at /graphql, outside of a global prefix.
import { ApolloDriver } from '@nestjs/apollo';
import { type CanActivate, type ExecutionContext, type PipeTransform, UseGuards } from '@nestjs/common';
import { Args, Context, GqlExecutionContext, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { describe, expect, test } from 'vitest';
import {
  CurrentSession,
  FreshSession,
  MemorySessionStore,
  MongoSessions,
  ReadonlySession,
  RequireSession,
  Session,
  type SessionObject,
  SessionUser,
} from '../../lib/index.js';
import { type HttpClient, type Platform, PLATFORMS, sharedApp } from '../support/http.js';

type Notes = SessionObject<{ note?: string; guarded?: boolean }>;
type GraphqlContext = { req?: { session: Notes }; reply?: { request: { session: Notes } } };

class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { req, reply } = GqlExecutionContext.create(context).getContext<GraphqlContext>();
    (req ?? reply!.request).session.guarded = true;
    return true;
  }
}

class UpperCasePipe implements PipeTransform {
  transform(note: string | undefined) {
    return note?.toUpperCase();
  }
}

@Resolver()
class NotesResolver {
  constructor(
    private readonly sessions: MongoSessions,
    private readonly current: CurrentSession,
  ) {}

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

  @Mutation(() => String)
  async login(@Session() session: Notes, @Args('user') user: string) {
    await session.login(user, { amr: ['pwd'] });
    return session.handle;
  }

  @Query(() => String)
  @RequireSession({ user: true })
  required(@SessionUser({ required: true }) user: { id: string }) {
    return user.id;
  }

  @Query(() => String, { nullable: true })
  user(@SessionUser() user: { id: string } | undefined) {
    return user?.id;
  }

  @Query(() => Boolean)
  @FreshSession('10m', { amr: ['otp'] })
  fresh() {
    return true;
  }

  @Query(() => String, { nullable: true })
  piped(@Session<{ note?: string }>('note', UpperCasePipe) note: string | undefined) {
    return note;
  }

  @Query(() => Boolean)
  async found(@Context() context: object, @Session() session: Notes) {
    const found = await Promise.all([
      this.sessions.from(context),
      this.current.run(context, () => this.current.session),
    ]);
    return found.every((each) => (each as object) === session) && (this.current.session as object) === session;
  }

  @Mutation(() => Boolean)
  @ReadonlySession()
  readonly(@Session() session: Notes) {
    session.note = 'never';
    return true;
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

const MODES = PLATFORMS.flatMap((platform) => [[platform, 'eager'] as const, [platform, 'on-demand'] as const]);

describe.each(MODES)("in resolvers on %s, read: '%s'", (platform: Platform, mode) => {
  const app = sharedApp(() => ({
    platform,
    sessions: {
      store: new MemorySessionStore(),
      read: mode,
      ambient: true,
      loadUser: (id: unknown) => ({ id }),
    },
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
    // It reads request.session, which nobody has asked for.
    const data = mode === 'eager' ? { guarded: true } : null;
    expect((await ask(app().client(), '{ guarded }')).data).toEqual(data);
  });

  test('the fields of one operation share it', async () => {
    const browser = app().client();
    await ask(browser, 'mutation { a: write(text: "first") b: write(text: "second") }');
    expect((await ask(browser, '{ note again: note }')).data).toEqual({ note: 'second', again: 'second' });
  });

  test('a login in a mutation gives the guards of queries a user, and @SessionUser too', async () => {
    const browser = app().client();
    const refused = await ask(browser, '{ required }');
    const originalError = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_REQUIRED', reason: 'none' };
    expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', originalError } }]);
    expect((await ask(browser, '{ user }')).data).toEqual({ user: null });
    expect((await ask(browser, 'mutation { login(user: "ada") }')).cookies).toHaveLength(1);
    expect((await ask(browser, '{ required user }')).data).toEqual({ required: 'ada', user: 'ada' });
    expect(JSON.stringify(await ask(browser, '{ fresh }'))).toContain('none of the methods');
  });

  test('the key form takes pipes', async () => {
    const browser = app().client();
    await ask(browser, 'mutation { write(text: "apples") }');
    expect((await ask(browser, '{ piped }')).data).toEqual({ piped: 'APPLES' });
  });

  test('from(context) and CurrentSession give the same session', async () => {
    expect((await ask(app().client(), '{ found }')).data).toEqual({ found: true });
  });

  test('@ReadonlySession keeps a mutation from writing', async () => {
    const browser = app().client();
    await ask(browser, 'mutation { write(text: "apples") }');
    expect((await ask(browser, 'mutation { readonly }')).errors).toHaveLength(1);
    expect((await ask(browser, '{ note }')).data).toEqual({ note: 'apples' });
  });
});
