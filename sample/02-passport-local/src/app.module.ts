import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { PassportModule } from '@nestjs/passport';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { AccountController } from './account.controller.js';
import { LocalStrategy } from './local.strategy.js';
import { PageController } from './page.controller.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample'),
    MongoSessionsModule.forRoot('sessions'),
    PassportModule,
  ],
  controllers: [PageController, AccountController],
  providers: [UsersService, LocalStrategy, { provide: APP_GUARD, useClass: SameOriginGuard }],
})
export class AppModule {}
