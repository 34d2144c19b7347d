import type { CartItem } from './cart-item.js';

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    cart?: CartItem[];
  }
}
