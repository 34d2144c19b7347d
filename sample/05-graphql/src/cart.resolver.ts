import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { RequireSession, Session, type SessionObject, SessionUser } from 'nestjs-mongo-sessions';
import { CartFeed } from './cart-feed.js';
import { CartItem, Product } from './cart-item.js';
import './session-data.js';
import type { User } from './users.js';

/** The cart of a session: visitors have one too, and a login keeps it. */
@Resolver()
export class CartResolver {
  constructor(private readonly feed: CartFeed) {}

  @Query(() => [CartItem])
  cart(@Session('cart') cart: CartItem[] = []): CartItem[] {
    return cart;
  }

  /** Changes the cart in the store itself, so two tabs that add at the same time lose nothing. */
  @Mutation(() => [CartItem])
  async addToCart(
    @Session() session: SessionObject,
    @Args('product', { type: () => Product }) product: Product,
  ): Promise<CartItem[]> {
    const cart = await session.update<CartItem[]>('cart', (items = []) => addTo(items, product));
    this.feed.publish(session);
    return cart;
  }

  /** Only users may order. Visitors are told UNAUTHENTICATED, by Apollo and by Mercurius. */
  @Mutation(() => String)
  @RequireSession({ user: true })
  async order(@Session() session: SessionObject, @SessionUser({ required: true }) user: User): Promise<string> {
    const items = (await session.take<CartItem[]>('cart')) ?? [];
    this.feed.publish(session);
    const count = items.reduce((sum, { quantity }) => sum + quantity, 0);
    return `${user.name} has ordered ${count} ${count === 1 ? 'thing' : 'things'}.`;
  }

  /** The cart now, and after every change. When the session ends, its socket is closed. */
  @Subscription(() => [CartItem], { resolve: readCart })
  @RequireSession()
  cartChanges(@Session() session: SessionObject): AsyncIterableIterator<SessionObject> {
    return this.feed.watch(session);
  }
}

/** As it is stored now. To read it again is no use of the session: an open page keeps nobody logged in. */
async function readCart(session: SessionObject): Promise<CartItem[]> {
  await session.reload();
  return session.cart ?? [];
}

function addTo(items: readonly CartItem[], product: Product): CartItem[] {
  const quantity = 1 + (items.find((item) => item.product === product)?.quantity ?? 0);
  return [...items.filter((item) => item.product !== product), { product, quantity }];
}
