// What handlers have at hand can be kept: DTOs, entities, documents, and what the platform parsed.
import { Body, Controller, Get, Param, type PipeTransform, Post, Query } from '@nestjs/common';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, startWorld } from '../../support/world.js';

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

/** What needs a decorator of Nest. */
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

  @Post('form') form(@Session() session: Data, @Body() body: object) {
    session.kept = body;
  }
}

describe.each(PLATFORMS)('B3, B4: instances in a session on %s', (platform) => {
  const { db } = testDatabase();
  const collection = `instances_${platform}`;
  const start = async () => {
    const world = await startWorld(platform, { db, collection }, { controllers: [Shop] });
    return { world, client: world.client() };
  };

  test('a DTO is kept as its own properties, and stays an instance for its handler', async () => {
    const { world, client } = await start();
    const reply = await client.post('/cart', { sku: 'a', amount: 2 });
    expect([reply.status, JSON.parse(reply.body)]).toEqual([201, { label: '2 a', isItem: true }]);
    await client.post('/cart', { sku: 'b', amount: 1 });
    expect(await world.dataOf(client)).toEqual({
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
    const { world, client } = await start();
    expect((await client.get(path)).status).toBe(200);
    expect(await world.dataOf(client)).toEqual({ kept });
  });

  test('a form and headers are kept', async () => {
    const { world, client } = await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await client.request('/form', { method: 'POST', headers, body: 'a=1&b=x+y' })).status).toBe(201);
    expect(await world.dataOf(client)).toEqual({ kept: { a: '1', b: 'x y' } });
    const keep: Handle = ({ session, request }) => {
      session['kept'] = { ...(request as unknown as { headers: object }).headers, host: undefined, cookie: undefined };
    };
    expect((await world.visit(client, keep, { headers: { 'x-a': '1' } })).status).toBe(200);
    expect(await world.dataOf(client)).toMatchObject({ kept: { 'x-a': '1' } });
  });

  test('a document of Mongoose is kept as its data, with its id', async () => {
    const { world, client } = await start();
    await world.visit(client, ({ session }) => void (session['kept'] = new User({ name: 'ada', tags: ['a'] })));
    const _id = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
    expect(await world.dataOf(client)).toEqual({ kept: { _id, name: 'ada', tags: ['a'] } });
    const stored = await db.collection(collection).findOne({ 'data.kept.name': 'ada' });
    expect(stored!['data'].kept._id).toHaveProperty('_bsontype', 'ObjectId');
  });

  test('what can not be kept is a 500 whose log names the path and the fix', async () => {
    const { world, client } = await start();
    const reply = await world.visit(client, ({ session }) => void (session['kept'] = { user: { load: () => 1 } }));
    expect(reply.status).toBe(500);
    const line = /session\.kept\.user\.load is a function, which can't be stored: store /;
    expect(world.app.log.lines.join('\n')).toMatch(line);
  });

  test('what is another one each time it is encoded is saved, and the response leaves', async () => {
    const world = await startWorld(platform);
    const client = await world.browserWith({ a: 1 });
    world.store.takeCalls();
    let encoded = 0;
    const reply = await world.visit(client, ({ session }) => {
      session['moment'] = { toJSON: () => ({ encoded: (encoded += 1) }) };
    });
    const calls = world.store.takeCalls();
    expect([reply.status, calls.length < 10]).toEqual([200, true]);
    expect(await world.dataOf(client)).toEqual({ a: 1, moment: { encoded: expect.any(Number) } });
  });
});
