// Options that come from elsewhere: from a factory, from a class, from a provider of another module.
import { Injectable, Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { describe, expect, test } from 'vitest';
import { getSessionsToken, MongoSessionsModule, type SessionOptions } from '../../../lib/index.js';
import type { SessionOptionsFactory } from '../../../lib/index.js';
import { errorOf, NotesController, PLATFORMS, startApp, testDatabase } from '../../support/http.js';

const shop = testDatabase();
const other = testDatabase();

@Injectable()
class Config {
  readonly cookie = { name: 'sid' };
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class SessionConfig implements SessionOptionsFactory {
  constructor(private readonly config: Config) {}

  async createSessionOptions(): Promise<SessionOptions> {
    return { collection: 'sessions', db: shop.db, cookie: this.config.cookie };
  }
}

@Module({ imports: [ConfigModule], providers: [SessionConfig], exports: [SessionConfig] })
class SessionConfigModule {}

type AsyncOptions = Parameters<typeof MongoSessionsModule.forRootAsync>[0];

const WAYS: Record<string, AsyncOptions> = {
  'a factory': {
    imports: [ConfigModule],
    inject: [Config],
    useFactory: ({ cookie }: Config) => ({ collection: 'sessions', db: shop.db, cookie }),
  },
  'an async factory': {
    imports: [ConfigModule],
    inject: [Config],
    useFactory: async ({ cookie }: Config) => ({ collection: shop.db.collection('sessions'), cookie }),
  },
  'a class': { imports: [ConfigModule], useClass: SessionConfig },
  'an existing provider': { imports: [SessionConfigModule], useExisting: SessionConfig },
};

describe.each(PLATFORMS)('forRootAsync on %s', (platform) => {
  const start = (options: AsyncOptions) =>
    startApp({
      platform,
      imports: [
        MongooseModule.forRoot(other.uri),
        MongooseModule.forRoot(shop.uri, { connectionName: 'shop' }),
        MongoSessionsModule.forRootAsync(options),
      ],
      controllers: [NotesController],
    });

  test.each(Object.entries(WAYS))('takes the options of %s', async (_, options) => {
    const app = await start(options);
    const browser = app.client();

    const { cookies } = await browser.get('/write?key=cart&value=apples');

    expect(cookies).toEqual([expect.stringMatching(/^sid=/)]);
    expect((await browser.get('/read')).body).toBe('{"cart":"apples"}');
  });

  test('takes `name` and `connectionName` beside the factory', async () => {
    const useFactory = () => ({ collection: 'admins' });
    const app = await start({ name: 'admin', connectionName: 'shop', useFactory });

    const { cookies } = await app.client().get('/write?key=platform&value=' + platform);

    expect(cookies).toEqual([expect.stringMatching(/^admin=/)]);
    expect(app.nest.get(getSessionsToken('admin'))).toMatchObject({ name: 'admin' });
    expect(await shop.db.collection('admins').countDocuments({ 'data.platform': platform })).toBe(1);
  });

  test.each(['name', 'connectionName'] as const)('says that `%s` has to stand beside the factory', async (extra) => {
    expect(
      await errorOf(() => start({ useFactory: () => ({ collection: 'sessions', [extra]: 'shop' }) })),
    ).toMatchObject({
      code: 'SESSION_OPTION_INVALID',
      message: expect.stringMatching(
        new RegExp(`option \`${extra}\` is "shop"\\. .*beside the factory: .*${extra}: '...', useFactory`),
      ),
    });
  });

  test('hands on what the factory throws', async () => {
    const useFactory = () => Promise.reject(new Error('the vault is closed'));
    expect((await errorOf(() => start({ useFactory }))).message).toBe('the vault is closed');
  });

  test.each([undefined, null, 42, ['sessions']])('refuses %o from a factory', async (given) => {
    expect(await errorOf(() => start({ useFactory: () => given as unknown as SessionOptions }))).toMatchObject({
      code: 'SESSION_OPTION_INVALID',
      message: expect.stringContaining("forRoot('sessions')"),
    });
  });
});
