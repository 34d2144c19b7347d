// The Mongoose model of the sessions: an app can query them, and the queries have an index.
import { Controller, Get, Injectable, Param, Query } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { describe, expect, test } from 'vitest';
import { InjectSessionModel, MongoSessionsModule, Session, type SessionDocument } from '../../../lib/index.js';
import { type AppOptions, type Notes, PLATFORMS, sharedApp, testDatabase } from '../../support/http.js';
import { HAS_MONGOOSE_9 } from '../../support/peers.js';

const { db, uri } = testDatabase();

@Injectable()
class Devices {
  constructor(@InjectSessionModel() readonly model: Model<SessionDocument>) {}

  of(userId: string) {
    return this.model.find({ userId }).sort({ createdAt: 1 }).lean();
  }
}

@Controller()
class DevicesController {
  constructor(private readonly devices: Devices) {}

  @Get('login')
  async login(@Session() session: Notes, @Query('user') user: string, @Query('device') device: string) {
    await session.login(user);
    session['device'] = device;
    return session.handle;
  }

  @Get('devices/:user') async list(@Param('user') user: string) {
    const found = await this.devices.of(user);
    return found.map(({ _id, data }) => ({ handle: _id, device: data['device'] }));
  }
}

/** Names of the stages of a plan, from the top. */
function stagesOf(plan: mongo.Document | undefined): string[] {
  return plan ? [String(plan['stage']), ...stagesOf(plan['inputStage'] as mongo.Document | undefined)] : [];
}

const SOURCES: [from: string, imports: (collection: string) => NonNullable<AppOptions['imports']>][] = [
  ['MongooseModule', (collection) => [MongooseModule.forRoot(uri), MongoSessionsModule.forRoot(collection)]],
  ['a db of the driver', (collection) => [MongoSessionsModule.forRoot({ collection, db })]],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(SOURCES)('the model on %s', (from, imports) => {
    const collection = `${from.replaceAll(' ', '_')}_${platform}`;
    const app = sharedApp(() => ({
      platform,
      imports: imports(collection),
      providers: [Devices],
      controllers: [DevicesController],
    }));
    const model = () => app().nest.get(Devices).model;

    test("finds a user's sessions", async () => {
      const login = async (user: string, device: string) =>
        (await app().client().get(`/login?user=${user}&device=${device}`)).body;
      const phone = await login('ann', 'phone');
      const laptop = await login('ann', 'laptop');
      await login('bob', 'phone');

      expect(JSON.parse((await app().client().get('/devices/ann')).body)).toEqual([
        { handle: phone, device: 'phone' },
        { handle: laptop, device: 'laptop' },
      ]);
    });

    test('has an index for it, that holds no anonymous session', async () => {
      const explained = (await model().find({ userId: 'ann' }).explain('queryPlanner')) as unknown as mongo.Document;
      const plan = explained['queryPlanner'].winningPlan as mongo.Document;
      expect(stagesOf(plan['queryPlan'] ?? plan)).toEqual(expect.arrayContaining(['FETCH', 'IXSCAN']));

      const indexes = await db.collection(collection).indexes();
      expect(indexes.map(({ key, sparse, expireAfterSeconds }) => ({ key, sparse, expireAfterSeconds }))).toEqual([
        { key: { _id: 1 } },
        { key: { expiresAt: 1 }, expireAfterSeconds: 3600 },
        { key: { userId: 1 }, sparse: true },
      ]);
    });

    test.skipIf(!HAS_MONGOOSE_9)('shows no hash of a secret unless it is asked for by name', async () => {
      await app().client().get('/login?user=cid&device=phone');
      const [found] = await model().find({ userId: 'cid' });
      expect(Object.keys(found!.toObject()).toSorted()).toEqual([
        ...['_id', 'createdAt', 'data', 'epoch', 'expiresAt', 'lastSeenAt', 'meta', 'userId', 'v'],
      ]);
      const [asked] = await model().find({ userId: 'cid' }).select('+secretHash');
      expect(asked!.get('secretHash')).toHaveLength(32);
    });
  });
});
