import { Injectable } from '@nestjs/common';
import type { ShopRequest } from './shop-request.js';
import type { User } from './users.js';

/** Logs users in and out. */
@Injectable()
export class Logins {
  async logIn(request: ShopRequest, user: User): Promise<void> {
    // Another session id, and nothing is kept but the cart.
    await request.session.regenerate(['cart']);
    request.session.user = user.login;
  }

  async logOut(request: ShopRequest): Promise<void> {
    await request.session.destroy();
  }
}
