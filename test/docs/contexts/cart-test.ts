// The test file of the cart's controller.
import type { SessionObject } from 'nestjs-mongo-sessions';
import { expect, test } from 'vitest';

interface Item {
  name: string;
  amount: number;
}

interface Cart {
  items: Item[];
}

class CartController {
  add(session: SessionObject<Cart>, item: Item): void {
    session.items.push(item);
  }
}

// <code block>
