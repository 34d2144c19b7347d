import { type DynamicModule, Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { AccountResolver } from './account.resolver.js';
import { CartFeed } from './cart-feed.js';
import { CartResolver } from './cart.resolver.js';
import { createGraphqlModule } from './graphql-module.js';
import { PageController } from './page.controller.js';
import { findUser } from './users.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample'),
    MongoSessionsModule.forRoot({
      collection: 'sessions',
      exclude: ['/public/*'],
      // What @SessionUser() gives to resolvers.
      loadUser: (userId) => findUser(userId),
    }),
  ],
  controllers: [PageController],
  providers: [AccountResolver, CartResolver, CartFeed],
})
export class AppModule {
  static on(platform: string): DynamicModule {
    return { module: AppModule, imports: [createGraphqlModule(platform)] };
  }
}
