import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { CsrfGuard } from './csrf.guard.js';
import { DevicesController } from './devices.controller.js';
import { LiveController } from './live.controller.js';
import { LoginController } from './login.controller.js';
import { PublicController } from './public.controller.js';
import { TaskRunner } from './task-runner.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample'),
    MongoSessionsModule.forRoot({
      collection: 'sessions',
      devices: true,
      maxSessions: 5,
      // Who has no place left chooses what to give up. Without this line, the device that was idle for longest has to go.
      onMaxSessions: 'refuse',
      exclude: ['/public/*'],
    }),
  ],
  controllers: [DevicesController, LoginController, LiveController, PublicController],
  providers: [TaskRunner, { provide: APP_GUARD, useClass: CsrfGuard }],
})
export class AppModule {}
