// An app whose handlers don't wait for what they ask of the session.
import 'reflect-metadata';
import { ConsoleLogger, Controller, Get, Module, Param, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import mongoose from 'mongoose';
import {
  CurrentSession,
  flash,
  MongoSessions,
  MongoSessionsModule,
  type SessionObject,
} from '../../../../lib/index.js';

type AnySession = SessionObject<Record<string, unknown>>;
type Operation = (session: AnySession) => Promise<unknown>;

const { MONGO_URI: uri = '', PLATFORM: platform } = process.env;
const client = new mongoose.mongo.MongoClient(uri);
const TOO_MUCH = 'x'.repeat(5000);
const wrong = (value: unknown) => value as never;

const OPERATIONS: Record<string, Readonly<Record<string, Operation>>> = {
  'too large': {
    save: (session) => {
      session['a'] = TOO_MUCH;
      return session.save();
    },
    push: (session) => session.push('list', [TOO_MUCH]),
    update: (session) => session.update('a', () => TOO_MUCH),
    compareAndSet: (session) => session.compareAndSet('a', 1, TOO_MUCH),
    flash: (session) => flash(session, 'notice', TOO_MUCH),
    increment: (session) => {
      session['a'] = TOO_MUCH;
      return session.increment('n');
    },
    take: (session) => {
      session['a'] = TOO_MUCH;
      return session.take('n');
    },
  },
  'wrong type': {
    save: (session) => {
      session['a'] = () => 1;
      return session.save();
    },
    regenerate: (session) => session.regenerate({ keep: wrong(5) }),
    login: (session) => session.login(wrong({})),
    logout: (session) => session.logout({ clearSiteData: wrong(5) }),
    increment: (session) => session.increment('text'),
    'increment by text': (session) => session.increment('n', wrong('1')),
    push: (session) => session.push('text', [1]),
    'push of no list': (session) => session.push('list', wrong(5)),
    'push of a function': (session) => session.push('list', [() => 1]),
    compareAndSet: (session) => session.compareAndSet('a', 1, () => 1),
    update: (session) => session.update('a', () => () => 1),
    'update by a function that throws': (session) =>
      session.update('a', () => {
        throw new Error('of the app');
      }),
    flash: (session) => flash(session, 'notice', wrong(undefined)),
    from: () => app.get(MongoSessions).from({}),
    run: () => app.get(CurrentSession).run({}, () => 1),
    edit: (session) => app.get(MongoSessions).edit(session.handle, wrong(5)),
  },
  'reserved key': {
    increment: (session) => session.increment('userId'),
    push: (session) => session.push('cookie', [1]),
    take: (session) => session.take('save'),
    compareAndSet: (session) => session.compareAndSet('id', 1, 2),
    update: (session) => session.update('userId', () => 1),
  },
  'ended elsewhere': {
    save: (session) => {
      session['a'] = 2;
      return session.save();
    },
    ...{ touch: (session: AnySession) => session.touch(), reload: (session: AnySession) => session.reload() },
    regenerate: (session) => session.regenerate({ keep: true }),
    login: (session) => session.login('ada', { keep: true }),
    increment: (session) => session.increment('n'),
    push: (session) => session.push('list', [1]),
    take: (session) => session.take('a'),
    compareAndSet: (session) => session.compareAndSet('a', 1, 2),
    update: (session) => session.update('a', () => 2),
    flash: (session) => flash(session, 'notice', 'Saved'),
    'flash of what was there': (session) => flash(session, 'old'),
  },
};
OPERATIONS['MongoDB away'] = {
  ...OPERATIONS['ended elsewhere'],
  destroy: (session) => session.destroy(),
  logout: (session) => session.logout(),
  regenerate: (session) => session.regenerate(),
};

let heard: string | undefined;
const lines: string[] = [];

/** Until the failure has come and has been told, and a little longer, for what else may come. */
async function linesToCome(): Promise<void> {
  for (let turn = 0; turn < 200 && lines.length === 0; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise(setImmediate);
}

class Log extends ConsoleLogger {
  override log(): void {}
  override warn(message: unknown, ...details: unknown[]): void {
    // Not what Nest itself says of a 500.
    if (details.at(-1) === 'MongoSessions') lines.push(String(message));
  }
  override error(message: unknown, ...details: unknown[]): void {
    this.warn(message, ...details);
  }
}

@Controller()
class OperationsController {
  @Get('names') names() {
    return Object.entries(OPERATIONS).flatMap(([reason, all]) => Object.keys(all).map((name) => [reason, name]));
  }

  @Get('fill') fill(@Req() { session }: { session: AnySession }): void {
    Object.assign(session, { a: 1, n: 1, text: 'text', list: [], 'flash:old': ['message'] });
  }

  @Get('run/:reason/:name/:how')
  async run(
    @Req() { session }: { session: AnySession },
    @Param() { reason, name, how }: { reason: string; name: string; how: string },
  ): Promise<void> {
    lines.length = 0;
    const operation = OPERATIONS[reason]![name]!;
    void session['a'];
    if (reason === 'ended elsewhere') await client.db().collection('sessions').deleteMany({});
    if (reason === 'MongoDB away') await client.close();
    if (how === 'awaited') {
      heard = await operation(session).then(
        () => 'resolved',
        (error: Error) => error.name,
      );
      // What could not be saved is not to fail the response as well.
      if (Object.hasOwn(session, 'a')) session['a'] = 1;
    } else {
      void operation(session);
      await linesToCome();
    }
    if (reason === 'MongoDB away') await client.connect();
  }

  /** Of the last operation. */
  @Get('outcome') outcome() {
    return { heard, told: lines };
  }
}

@Module({
  imports: [
    MongoSessionsModule.forRoot({
      client,
      collection: 'sessions',
      maxSize: 4000,
      timeoutMs: 500,
      onInterrupted: 'drop',
    }),
  ],
  controllers: [OperationsController],
})
class AppModule {}

const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: new Log() });
await app.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit());
process.send!((await app.getUrl()).replace('localhost', '127.0.0.1'));
