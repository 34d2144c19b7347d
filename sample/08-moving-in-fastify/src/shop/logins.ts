import { Injectable } from '@nestjs/common';
import type { ShopRequest } from './shop-request.js';
import type { User } from './users.js';

/** Logs users in and out. */
@Injectable()
export class Logins {
  /** Another session id, and nothing is kept but the cart. */
  async logIn(request: ShopRequest, user: User): Promise<void> {
    await request.session.regenerate(['cart']);
    request.session.set('user', user.login);
  }

  async logOut(request: ShopRequest): Promise<void> {
    await request.session.destroy();
  }
}
