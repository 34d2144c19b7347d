import { randomBytes } from 'node:crypto';
import { Controller, Get, Query } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session, type SessionEvent, SessionEvents, type SessionObject, type SessionOptions } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp, testDatabase } from '../support/http.js';

const SECRET = 'a diagnosis';

@Controller()
class Records {
  @Get('set') set(@Session() session: SessionObject<Record<string, unknown>>, @Query('key') key: string) {
    session[key] = SECRET;
    return 'saved';
  }

  @Get('login') login(@Session() session: SessionObject) {
    return session.login('ada', { keep: true });
  }

  @Get('show') show(@Session() session: SessionObject<object>) {
    return { ...session };
  }
}

describe.each(PLATFORMS)('encryption on %s', (platform) => {
  const { db } = testDatabase();

  function start(encryption: SessionOptions['encryption'] | undefined, collection: string): Promise<TestApp> {
    const sessions = { db, collection, ...(encryption && { encryption }) };
    return startApp({ platform, controllers: [Records], sessions });
  }

  test('hides every value in the database, and leaves user and times to be queried', async () => {
    const app = await start({ keys: [randomBytes(32)] }, 'hidden');
    const client = app.client();
    await client.get('/set?key=record');
    await client.get('/login');

    expect(JSON.parse((await client.get('/show')).body)).toEqual({ record: SECRET });

    const [document] = await db.collection('hidden').find().toArray();
    expect(document).toMatchObject({ userId: 'ada', epoch: 1, expiresAt: expect.any(Date) as Date });
    expect(JSON.stringify(document)).not.toContain(SECRET);
    expect(Object.keys(document?.['data'] as object)).toEqual(['record']);
  });

  test('hides the names of the keys too, if asked for', async () => {
    const app = await start({ keys: [randomBytes(32)], hideKeyNames: true }, 'nameless');
    const client = app.client();
    await client.get('/set?key=record');
    expect(JSON.parse((await client.get('/show')).body)).toEqual({ record: SECRET });
    expect(JSON.stringify(await db.collection('nameless').find().toArray())).not.toContain('record');
  });

  test('keeps the changes of parallel requests apart', async () => {
    const app = await start({ keys: [randomBytes(32)] }, 'parallel');
    const client = app.client();
    await client.get('/set?key=first');
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => client.get(`/set?key=${key}`)));
    expect(Object.keys(JSON.parse((await client.get('/show')).body) as object).toSorted()).toEqual([
      ...['a', 'b', 'c', 'd', 'first'],
    ]);
  });

  test.each([
    ['another key', { keys: [randomBytes(32)] }],
    ['no key', undefined],
  ])('with %s, a session counts as none: no error, no change, and an event', async (_, encryption) => {
    const collection = `lost_${_.replace(' ', '_')}`;
    const before = await start({ keys: [randomBytes(32)] }, collection);
    const client = before.client();
    await client.get('/set?key=record');
    const stored = await db.collection(collection).findOne();

    const after = await start(encryption, collection);
    const events: SessionEvent[] = [];
    after.nest.get(SessionEvents).subscribe((event) => events.push(event));
    const later = after.client();
    for (const [name, value] of client.jar) later.jar.set(name, value);
    const reply = await later.get('/show');

    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{}', []]);
    expect(events).toMatchObject([{ type: 'rejected', reason: 'undecodable' }]);
    expect(await db.collection(collection).findOne()).toEqual(stored);
  });
});
