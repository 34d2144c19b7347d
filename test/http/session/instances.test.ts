// What handlers have at hand can be kept: DTOs, entities, documents, and what the platform parsed.
import { Body, Controller, Get, Param, type PipeTransform, Post, Query, Req } from '@nestjs/common';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';

class Item {
  constructor(
    readonly sku: string,
    public amount: number,
  ) {}
  get label() {
    return `${this.amount} ${this.sku}`;
  }
}

/** As ValidationPipe with `transform: true`: the body becomes an instance of its class. */
const toItem: PipeTransform<Item> = { transform: ({ sku, amount }) => new Item(sku, amount) };

const User = new mongoose.Mongoose().model('User', new mongoose.Schema({ name: String, tags: [String] }));

type Data = SessionObject<{ cart?: Item[]; kept?: unknown }>;

@Controller()
class Shop {
  @Post('cart') add(@Session() session: Data, @Body(toItem) item: Item) {
    session.cart = [...(session.cart ?? []), item];
    return { label: item.label, isItem: session.cart.at(-1) instanceof Item };
  }

  @Get('query') query(@Session() session: Data, @Query() query: object) {
    session.kept = query;
  }

  @Get('params/:a/:b') params(@Session() session: Data, @Param() params: object) {
    session.kept = params;
  }

  @Get('headers') headers(@Session() session: Data, @Req() request: { headers: object }) {
    session.kept = { ...request.headers, host: undefined, cookie: undefined };
  }

  @Post('form') form(@Session() session: Data, @Body() body: object) {
    session.kept = body;
  }

  @Get('user') user(@Session() session: Data) {
    session.kept = new User({ name: 'ada', tags: ['a'] });
  }

  @Get('push') push(@Session() session: Data, @Query() query: object) {
    return session.push('list', [query]);
  }

  @Get('wrong') wrong(@Session() session: Data) {
    session.kept = { user: { load: () => 1 } };
  }

  @Get('show') show(@Session() session: Data) {
    return { ...session };
  }
}

describe.each(PLATFORMS)('B3, B4: instances in a session on %s', (platform) => {
  const { db } = testDatabase();
  const app = sharedApp(() => ({
    platform,
    controllers: [Shop],
    sessions: { db, collection: `instances_${platform}` },
  }));
  const show = async (client: ReturnType<ReturnType<typeof app>['client']>) =>
    JSON.parse((await client.get('/show')).body) as Record<string, unknown>;

  test('a DTO is kept as its own properties, and stays an instance for its handler', async () => {
    const client = app().client();
    const reply = await client.post('/cart', { sku: 'a', amount: 2 });
    expect([reply.status, JSON.parse(reply.body)]).toEqual([201, { label: '2 a', isItem: true }]);
    await client.post('/cart', { sku: 'b', amount: 1 });
    expect(await show(client)).toEqual({
      cart: [
        { sku: 'a', amount: 2 },
        { sku: 'b', amount: 1 },
      ],
    });
  });

  test.each([
    ['/query?a=1&b=2', { a: '1', b: '2' }],
    ['/query', {}],
    ['/query?a=1&a=2', { a: ['1', '2'] }],
    ['/query?constructor=x&toJSON=y&toBSON=z', { constructor: 'x', toJSON: 'y', toBSON: 'z' }],
    ['/params/1/2', { a: '1', b: '2' }],
  ])('what the platform parsed of %s is kept', async (path, kept) => {
    const client = app().client();
    expect((await client.get(path)).status).toBe(200);
    expect(await show(client)).toEqual({ kept });
  });

  test('a form and headers are kept', async () => {
    const client = app().client();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await client.request('/form', { method: 'POST', headers, body: 'a=1&b=x+y' })).status).toBe(201);
    expect(await show(client)).toEqual({ kept: { a: '1', b: 'x y' } });
    expect((await client.get('/headers', { headers: { 'x-a': '1' } })).status).toBe(200);
    expect((await show(client))['kept']).toMatchObject({ 'x-a': '1' });
  });

  test('atomic operations take them too', async () => {
    const client = app().client();
    await client.get('/user');
    await client.get('/push?a=1');
    expect((await show(client))['list']).toEqual([{ a: '1' }]);
  });

  test('a document of Mongoose is kept as its data, with its id', async () => {
    const client = app().client();
    expect((await client.get('/user')).status).toBe(200);
    expect(await show(client)).toEqual({
      kept: { _id: expect.stringMatching(/^[0-9a-f]{24}$/), name: 'ada', tags: ['a'] },
    });
    const stored = await db.collection(`instances_${platform}`).findOne({ 'data.kept.name': 'ada' });
    expect((stored as unknown as { data: { kept: { _id: unknown } } }).data.kept._id).toHaveProperty(
      '_bsontype',
      'ObjectId',
    );
  });

  test('what can not be kept is a 500 whose log names the path and the fix', async () => {
    const client = app().client();
    expect((await client.get('/wrong')).status).toBe(500);
    expect(app().log.lines.join('\n')).toMatch(
      /session\.kept\.user\.load is a function, which can't be stored: store /,
    );
  });
});
