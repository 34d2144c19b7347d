import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import { shopPage } from './shop-page.js';
import type { ShopRequest } from './shop-request.js';
import { findUser } from './users.js';

@Controller()
export class PageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', "default-src 'none'; img-src data:; form-action 'self'; frame-ancestors 'none'")
  @Header('Cache-Control', 'no-store')
  show(@Req() { session }: ShopRequest, @Query('login') login: unknown): string {
    return shopPage({ cart: session.cart ?? [], user: findUser(session.get('user')), hasFailed: login === 'failed' });
  }
}
