import { BadRequestException, Body, Controller, Post, Redirect, Req, UseGuards } from '@nestjs/common';
import { PRODUCTS } from './products.js';
import { SameOriginGuard } from './same-origin.guard.js';
import type { ShopRequest } from './shop-request.js';

/** More of one thing than this is a mistake, or an attempt to fill the database. */
const MAX_QUANTITY = 99;

@Controller('cart')
@UseGuards(SameOriginGuard)
export class CartController {
  @Post()
  @Redirect('/', 303)
  add(@Req() { session }: ShopRequest, @Body('product') product: unknown): void {
    const known = PRODUCTS.find(({ id }) => id === product);
    if (!known) throw new BadRequestException('There is no such product.');
    session.cart ??= [];
    const line = session.cart.find((candidate) => candidate.product === known.id);
    if (line) line.quantity = Math.min(line.quantity + 1, MAX_QUANTITY);
    else session.cart.push({ product: known.id, quantity: 1 });
  }
}
