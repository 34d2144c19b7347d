// What the sessions of this app hold. Declared once, and `@Session()`, `@Session('cart')` and the rest are typed.

export interface CartLine {
  product: string;
  quantity: number;
  /** A Date comes back as a Date: sessions are BSON, not JSON. */
  addedAt: Date;
}

declare module 'nestjs-mongo-sessions' {
  interface SessionData {
    clicks?: number;
    cart?: CartLine[];
  }
}
