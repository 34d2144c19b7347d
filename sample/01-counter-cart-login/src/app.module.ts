import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { AccountController } from './account.controller.js';
import { CartController } from './cart.controller.js';
import { CounterController } from './counter.controller.js';
import { PageController } from './page.controller.js';
import { SameOriginGuard } from './same-origin.guard.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample'),
    // `forRoot('sessions')` is enough; a style sheet needs no session.
    MongoSessionsModule.forRoot({ collection: 'sessions', exclude: ['/style.css'] }),
  ],
  controllers: [PageController, CounterController, CartController, AccountController],
  providers: [{ provide: APP_GUARD, useClass: SameOriginGuard }],
})
export class AppModule {}
