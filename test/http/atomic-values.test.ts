import { Controller, Get, Param, Query } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../lib/index.js';
import { type HttpClient, sharedApp, testDatabase } from '../support/http.js';
import { ENCRYPTION_CASES } from '../support/encryption-cases.js';

type Data = SessionObject<Record<string, unknown>>;

/** Each route is one verb; what it resolves with is the answer. */
@Controller()
class Verbs {
  @Get('set/:key/:value') set(@Session() session: Data, @Param('key') key: string, @Param('value') value: string) {
    session[key] = JSON.parse(value);
  }

  @Get('increment') async increment(@Session() session: Data, @Query('by') by = '1') {
    return { result: await session.increment('count', Number(by)) };
  }

  @Get('push') async push(@Session() session: Data, @Query('item') item: string, @Query('max') max?: string) {
    return { result: await session.push('list', [item], max ? { max: Number(max) } : {}) };
  }

  @Get('take') async take(@Session() session: Data) {
    return { result: (await session.take('gift')) ?? null };
  }

  @Get('swap') async swap(@Session() session: Data, @Query('from') from: string, @Query('to') to: string) {
    return { result: await session.compareAndSet('state', JSON.parse(from), to) };
  }

  @Get('append') async append(@Session() session: Data, @Query('text') text: string) {
    const change = async (present: { all: string[] } = { all: [] }) => {
      present.all.push(text);
      return Promise.resolve(present);
    };
    return { result: await session.update('texts', change, { retries: 100 }) };
  }

  @Get('stale') async stale(@Session() session: Data) {
    await session.increment('count');
    session['other'] = 1;
    return { result: session['count'] };
  }

  @Get('wrong') async wrong(@Session() session: Data) {
    return { result: await session.increment('text').catch((error: { code: string }) => error.code) };
  }

  @Get('gone') async gone(@Session() session: Data) {
    session['a'] = 1;
    await session.save();
    await session.destroy();
    return { result: await session.increment('count').catch((error: { code: string }) => error.code) };
  }

  @Get('show') show(@Session() session: Data) {
    return { ...session };
  }
}

describe.each(ENCRYPTION_CASES)('changes of one key on %s, %s', (platform, kind, encryption) => {
  const { db } = testDatabase();
  const app = sharedApp(() => ({
    platform,
    controllers: [Verbs],
    sessions: { db, collection: `sessions_${platform}_${kind}`, ...(encryption && { encryption }) },
  }));

  async function visitor(): Promise<HttpClient> {
    const client = app().client();
    await client.get('/set/seen/true');
    return client;
  }

  async function result(client: HttpClient, path: string): Promise<unknown> {
    const { status, body } = await client.get(path);
    expect(status).toBe(200);
    return (JSON.parse(body) as { result: unknown }).result;
  }

  async function show(client: HttpClient): Promise<Record<string, unknown>> {
    return JSON.parse((await client.get('/show')).body) as Record<string, unknown>;
  }

  test('a counter is exact, however many requests add to it', async () => {
    const client = await visitor();
    const sums = await Promise.all(Array.from({ length: 20 }, () => result(client, '/increment')));
    expect(sums.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await result(client, '/increment?by=-0.5')).toBe(19.5);
    expect(await show(client)).toEqual({ seen: true, count: 19.5 });
  });

  test('a list gets every item, and keeps the last ones', async () => {
    const client = await visitor();
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((item) => result(client, `/push?item=${item}`)));
    expect(((await show(client))['list'] as string[]).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await result(client, '/push?item=f&max=2')).toHaveLength(2);
  });

  test('what is there once is taken once', async () => {
    const client = await visitor();
    await client.get('/set/gift/{"what":"bike"}');
    const taken = await Promise.all(Array.from({ length: 6 }, () => result(client, '/take')));
    expect(taken.filter((gift) => gift !== null)).toEqual([{ what: 'bike' }]);
    expect(await show(client)).toEqual({ seen: true });
  });

  test('of several who expect the same value, one sets it', async () => {
    const client = await visitor();
    await client.get('/set/state/{"a":[1]}');
    expect(await result(client, '/swap?from={"a":[2]}&to=x')).toBe(false);
    const swaps = await Promise.all(Array.from({ length: 6 }, () => result(client, '/swap?from={"a":[1]}&to=x')));
    expect(swaps.filter(Boolean)).toHaveLength(1);
    expect(await show(client)).toEqual({ seen: true, state: 'x' });
  });

  test('a function is called again until its result rests on what is there', async () => {
    const client = await visitor();
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => result(client, `/append?text=${text}`)));
    expect(await show(client)).toMatchObject({
      texts: { all: expect.toSatisfy((all: string[]) => all.length === 5) as unknown },
    });
  });

  test('what others have added is not undone by a request that has read before', async () => {
    const client = await visitor();
    await Promise.all(Array.from({ length: 8 }, (_, index) => result(client, index % 2 ? '/stale' : '/increment')));
    expect(await show(client)).toEqual({ seen: true, count: 8, other: 1 });
  });

  test('a session that is not stored yet is stored with the answer', async () => {
    const client = app().client();
    expect(await result(client, '/increment')).toBe(1);
    expect(await show(client)).toEqual({ count: 1 });
  });

  test('a value that does not fit is refused, and stays', async () => {
    const client = await visitor();
    await client.get('/set/text/"x"');
    expect(await result(client, '/wrong')).toBe('SESSION_VALUE_REFUSED');
    expect(await show(client)).toEqual({ seen: true, text: 'x' });
  });

  test('a session that has ended is not revived', async () => {
    const client = app().client();
    expect(await result(client, '/gone')).toBe('SESSION_INTERRUPTED');
    expect(await show(client)).toEqual({});
  });
});
