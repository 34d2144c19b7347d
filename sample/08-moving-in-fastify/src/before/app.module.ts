import { Module } from '@nestjs/common';
import { AccountController } from '../shop/account.controller.js';
import { CartController } from '../shop/cart.controller.js';
import { Logins } from '../shop/logins.js';
import { PageController } from '../shop/page.controller.js';

@Module({
  controllers: [PageController, CartController, AccountController],
  providers: [Logins],
})
export class AppModule {}
