// The root module of an app, for the documents' main.ts.
import { Module } from '@nestjs/common';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';

@Module({ imports: [MongoSessionsModule.forRoot('sessions')] })
export class AppModule {}
