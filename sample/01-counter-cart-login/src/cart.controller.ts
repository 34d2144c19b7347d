import { BadRequestException, Body, Controller, Post, Redirect } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import { PRODUCTS } from './products.js';

/** More of one thing than this is a mistake, or an attempt to fill the database. */
const MAX_QUANTITY = 99;

@Controller('cart')
export class CartController {
  @Post()
  @Redirect('/', 303)
  add(@Session() session: SessionObject, @Body('product') product: unknown): void {
    const known = PRODUCTS.find(({ id }) => id === product);
    if (!known) throw new BadRequestException('There is no such product.');
    session.cart ??= [];
    const line = session.cart.find((candidate) => candidate.product === known.id);
    // A change deep inside is noticed too: there is nothing to mark as modified.
    if (line) line.quantity = Math.min(line.quantity + 1, MAX_QUANTITY);
    else session.cart.push({ product: known.id, quantity: 1, addedAt: new Date() });
  }

  @Post('remove')
  @Redirect('/', 303)
  remove(@Session() session: SessionObject, @Body('product') product: unknown): void {
    const rest = session.cart?.filter((line) => line.product !== product) ?? [];
    if (rest.length > 0) session.cart = rest;
    else delete session.cart;
  }
}
