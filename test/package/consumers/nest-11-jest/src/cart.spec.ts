// Tests of an app as somebody writes them with Jest: with a database, in memory, and a handler alone.
import { Controller, Get, type INestApplication, Module, Post } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { MongoSessionsModule, Session, type SessionObject } from 'nestjs-mongo-sessions';
import { SessionClient, TestClock, fakeSession, signInAs, useMemorySessions } from 'nestjs-mongo-sessions/testing';

interface Cart {
  items?: string[];
}

@Controller('cart')
class CartController {
  @Post()
  add(@Session() session: SessionObject<Cart>) {
    session.items = [...(session.items ?? []), 'tea'];
  }

  @Get()
  show(@Session() session: SessionObject<Cart>) {
    return { user: session.userId ?? null, items: session.items ?? [] };
  }
}

@Module({
  imports: [MongooseModule.forRoot(String(process.env.MONGODB_URI)), MongoSessionsModule.forRoot('sessions')],
  controllers: [CartController],
})
class AppModule {}

describe('the cart', () => {
  let app: INestApplication;
  afterEach(() => app?.close());

  async function start(builder: TestingModuleBuilder): Promise<SessionClient> {
    app = (await builder.compile()).createNestApplication();
    await app.listen(0, '127.0.0.1');
    return new SessionClient(await app.getUrl());
  }
  const testing = () => Test.createTestingModule({ imports: [AppModule] });

  it('is kept in MongoDB', async () => {
    const client = await start(testing());
    await client.post('/cart');
    expect(await (await client.get('/cart')).json()).toEqual({ user: null, items: ['tea'] });
  });

  it('is that of a signed-in user', async () => {
    const client = await start(testing());
    const { headers } = await signInAs(app, { userId: 'ada', data: { items: ['lamp'] } });
    expect(await (await client.get('/cart', { headers })).json()).toEqual({ user: 'ada', items: ['lamp'] });
  });

  it('is kept in memory, for half an hour', async () => {
    const clock = new TestClock();
    const client = await start(useMemorySessions(testing(), { clock }));
    await client.post('/cart');
    expect(await (await client.get('/cart')).json()).toEqual({ user: null, items: ['tea'] });
    clock.advance(30 * 60_000);
    expect(await (await client.get('/cart')).json()).toEqual({ user: null, items: [] });
  });

  it('is filled by its handler', () => {
    const session = fakeSession<Cart>({ items: [] });
    new CartController().add(session);
    expect(session.items).toEqual(['tea']);
  });
});
