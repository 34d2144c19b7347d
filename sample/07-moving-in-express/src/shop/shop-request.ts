import type { User } from './users.js';

export interface CartLine {
  product: string;
  quantity: number;
}

type Done = (error?: unknown) => void;

/** What the shop needs of a request, whichever library its session comes from. The rest of it is passport's. */
export interface ShopRequest {
  readonly session: { cart?: CartLine[] };
  readonly user?: User;
  logIn(user: User, options: { keepSessionInfo: boolean }, done: Done): void;
  logOut(options: object, done: Done): void;
}
