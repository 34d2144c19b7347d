import { Module } from '@nestjs/common';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { AccountController } from '../shop/account.controller.js';
import { CartController } from '../shop/cart.controller.js';
import { Logins } from '../shop/logins.js';
import { PageController } from '../shop/page.controller.js';
import { settings } from '../shop/settings.js';
import { KnownLogins } from './known-logins.js';
import { oldSessions } from './old-sessions.js';

@Module({
  imports: [
    MongoSessionsModule.forRoot({
      uri: settings.mongoUri,
      collection: 'user_sessions',
      requestSession: 'fastify-session',
      permanent: { always: true, idleTimeout: settings.maxAge },
      movingIn: [oldSessions],
    }),
  ],
  controllers: [PageController, CartController, AccountController],
  providers: [{ provide: Logins, useClass: KnownLogins }],
})
export class AppModule {}
