// Several kinds of sessions in one app: each has a cookie, a collection and a database of its own.
import { Controller, Get, Query, Req } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { getSessionModelToken, getSessionsToken, InjectSessionModel, MongoSessions } from '../../../lib/index.js';
import { Session, type SessionDocument, type SessionObject } from '../../../lib/index.js';
import { fromConnectMongo } from '../../../lib/moving-in/index.js';
import { type AppOptions, errorOf, PLATFORMS, sharedApp, startApp, testDatabase } from '../../support/http.js';
import type { Model } from 'mongoose';

const shop = testDatabase();
const office = testDatabase();

interface Person {
  who?: string;
}

@Controller()
class PeopleController {
  constructor(
    @InjectSessionModel() private readonly users: Model<SessionDocument>,
    @InjectSessionModel('admin') private readonly admins: Model<SessionDocument>,
  ) {}

  @Get('user') user(@Session() user: SessionObject<Person>, @Query('who') who: string): void {
    user.who = who;
  }

  @Get('admin')
  admin(@Session<Person>({ name: 'admin' }) admin: SessionObject<Person>, @Query('who') who: string): void {
    admin.who = who;
  }

  @Get('both')
  both(
    @Session<Person>('who') user: string,
    @Session<Person>({ name: 'admin', key: 'who' }) admin: string,
    @Req() request: { session: SessionObject<Person> },
  ) {
    return { user, admin, request: request.session.who };
  }

  @Get('leave') leave(@Session({ name: 'admin' }) admin: SessionObject<Person>) {
    return admin.destroy();
  }

  @Get('nobody') nobody(@Session({ name: 'guest' }) guest: SessionObject<Person>) {
    return guest;
  }

  @Get('counts') async counts() {
    return { users: await this.users.countDocuments(), admins: await this.admins.countDocuments() };
  }
}

describe.each(PLATFORMS)('two registrations on %s', (platform) => {
  const collection = `people_${platform}`;
  const app = sharedApp(() => ({
    platform,
    sessions: [
      { collection, db: shop.db },
      { name: 'admin', collection, db: office.db },
    ],
    controllers: [PeopleController],
  }));

  test('have two cookies and two databases', async () => {
    const browser = app().client();
    const user = await browser.get('/user?who=ann');
    const admin = await browser.get('/admin?who=root');

    expect(user.cookies).toEqual([expect.stringMatching(/^id=/)]);
    expect(admin.cookies).toEqual([expect.stringMatching(/^admin=/)]);
    expect((await browser.get('/both')).body).toBe('{"user":"ann","admin":"root","request":"ann"}');
    expect(await shop.db.collection(collection).countDocuments({ 'data.who': 'ann' })).toBe(1);
    expect(await office.db.collection(collection).countDocuments({ 'data.who': 'root' })).toBe(1);
    expect(await shop.db.collection(collection).countDocuments({ 'data.who': 'root' })).toBe(0);
    expect((await browser.get('/counts')).body).toBe('{"users":1,"admins":1}');
  });

  test('end one without the other', async () => {
    const browser = app().client();
    await browser.get('/user?who=ann');
    await browser.get('/admin?who=root');
    const { cookies } = await browser.get('/leave');
    expect(cookies).toEqual([expect.stringMatching(/^admin=;/)]);
    expect((await browser.get('/both')).body).toBe('{"user":"ann","request":"ann"}');
  });

  test('are to be had by their tokens', () => {
    const { nest } = app();
    expect(getSessionsToken()).toBe(MongoSessions);
    expect(nest.get(MongoSessions)).toBeInstanceOf(MongoSessions);
    expect(nest.get<MongoSessions>(getSessionsToken()).name).toBe('default');
    expect(nest.get<MongoSessions>(getSessionsToken('admin')).name).toBe('admin');
    expect(nest.get<Model<SessionDocument>>(getSessionModelToken()).db.name).toBe(shop.name);
    expect(nest.get<Model<SessionDocument>>(getSessionModelToken('admin')).db.name).toBe(office.name);
  });

  test('are named to who asks for a third one', async () => {
    expect((await app().client().get('/nobody')).status).toBe(500);
    expect(app().log.lines.join('\n')).toMatch(/no session of the name 'guest'\. It has 'default', 'admin'/);
  });
});

describe.each(PLATFORMS)('on %s', (platform) => {
  const start = (sessions: AppOptions['sessions']) => startApp({ platform, sessions: sessions! });

  test('a registration without a default one beside it is request.session', async () => {
    @Controller()
    class OnlyController {
      @Get() only(@Session() session: SessionObject<Person>, @Req() request: { session: SessionObject<Person> }) {
        return String(session === request.session);
      }
    }
    const app = await startApp({
      platform,
      sessions: { name: 'admin', collection: 'admins', db: shop.db },
      controllers: [OnlyController],
    });
    expect((await app.client().get('/')).body).toBe('true');
  });

  test.each([
    ['the default name', {}, 'default'],
    ['a name', { name: 'admin' }, 'admin'],
  ])('%s twice stops the start', async (_, options, name) => {
    const twice = { ...options, db: shop.db };
    const { code, message } = await errorOf(() =>
      start([
        { ...twice, collection: 'a' },
        { ...twice, collection: 'b', cookie: { name: 'other' } },
      ]),
    );
    expect(code).toBe('SESSION_OPTION_INVALID');
    expect(message).toMatch(new RegExp(`two registrations in one app have the name '${name}'\\. Give each a \`name\``));
  });

  test('a header twice stops the start, because a response could carry one token only', async () => {
    const { code, message } = await errorOf(() =>
      start([
        { transport: { header: 'x-session' }, collection: 'a', db: shop.db },
        { transport: { header: 'X-Session' }, name: 'admin', collection: 'b', db: shop.db },
      ]),
    );
    expect(code).toBe('SESSION_OPTION_INVALID');
    expect(message).toBe(
      "MongoSessionsModule: the registrations 'default' and 'admin' both have the header 'x-session'. Give each a `transport.header` of its own.",
    );
  });

  test('an old cookie twice stops the start, because its session can move to one of them only', async () => {
    const until = new Date(Date.now() + 86_400_000);
    const movingIn = [fromConnectMongo({ collection: 'old', cookie: 'connect.sid', secrets: ['a'.repeat(32)], until })];
    const { code, message } = await errorOf(() =>
      start([
        { collection: 'a', db: shop.db, movingIn },
        { name: 'admin', collection: 'b', db: shop.db, movingIn },
      ]),
    );
    expect(code).toBe('SESSION_OPTION_INVALID');
    expect(message).toMatch(/'default' and 'admin' both have a source in `movingIn` for the cookie 'connect\.sid'/);
  });

  test.each([
    ['given', { cookie: { name: 'sid' } }, { cookie: { name: 'sid' } }, 'sid'],
    ["that is another one's default", {}, { cookie: { name: 'id' } }, 'id'],
    ["that is another one's on https", {}, { cookie: { name: '__Host-id', secure: true } }, '__Host-id'],
  ])('a cookie %s twice stops the start', async (_, first, second, cookie) => {
    const { code, message } = await errorOf(() =>
      start([
        { ...first, collection: 'a', db: shop.db },
        { ...second, name: 'admin', collection: 'b', db: shop.db },
      ]),
    );
    expect(code).toBe('SESSION_OPTION_INVALID');
    expect(message).toBe(
      `MongoSessionsModule: the registrations 'default' and 'admin' both have the cookie '${cookie}'. Give each a \`cookie.name\` of its own.`,
    );
  });
});
