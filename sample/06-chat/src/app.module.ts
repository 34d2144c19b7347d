import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { AccountController } from './account.controller.js';
import { ChatGateway } from './chat.gateway.js';
import { PageController } from './page.controller.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample'),
    MongoSessionsModule.forRoot({ collection: 'sessions', exclude: ['/', '/public/*'] }),
  ],
  controllers: [AccountController, PageController],
  providers: [ChatGateway],
})
export class AppModule {}
