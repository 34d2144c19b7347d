// The app of somebody who installed the package: compiled to require() in one consumer and to import in the other, each by
// tsc, SWC and vitest, with the strictest ValidationPipe that there is.
import 'reflect-metadata';
import { Body, Controller, Delete, Get, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { IsInt, IsString, Min } from 'class-validator';
import { MongoSessionsModule, Session, type SessionObject } from 'nestjs-mongo-sessions';
import { AccountController, VisitorGuard, VisitsService } from './account.js';

export class Item {
  @IsString()
  name!: string;

  @IsInt()
  @Min(1)
  quantity!: number;
}

interface Admin {
  level?: number;
}

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    visits?: number;
    items?: Item[];
  }
}

@Controller('visits')
export class VisitsController {
  @Get()
  show(@Session('visits') visits = 0): { visits: number } {
    return { visits };
  }

  @Post()
  add(@Session() session: SessionObject): { visits: number } {
    session.visits = (session.visits ?? 0) + 1;
    return { visits: session.visits };
  }

  @Delete()
  @HttpCode(204)
  async leave(@Session() session: SessionObject): Promise<void> {
    await session.destroy();
  }
}

@Controller('cart')
export class CartController {
  /** The pipe makes the body an Item, and would make the session something else if its type were emitted as a class. */
  @Post()
  async add(@Session() session: SessionObject, @Body() item: Item): Promise<{ isItem: boolean; isNew: boolean }> {
    session.items = [...(session.items ?? []), item];
    await session.save();
    return { isItem: item instanceof Item, isNew: session.isNew };
  }

  @Get()
  show(@Session('items') items: Item[] = []): Item[] {
    return items;
  }

  @Post('promote')
  async promote(@Session() session: SessionObject<Admin>): Promise<{ level: number | undefined }> {
    session.level = 1;
    await session.reload();
    return { level: session.level };
  }
}

@Module({
  imports: [
    MongooseModule.forRoot(process.env['MONGODB_URI']!),
    MongoSessionsModule.forRoot({
      collection: 'sessions',
      ambient: true,
      loadUser: (userId) => ({ name: userId === 'ada' ? 'Ada' : 'nobody' }),
    }),
  ],
  controllers: [VisitsController, CartController, AccountController],
  providers: [
    VisitsService,
    VisitorGuard,
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, validateCustomDecorators: true }),
    },
  ],
})
export class AppModule {}
