import { Injectable } from '@nestjs/common';
import { MongoSessions } from 'nestjs-mongo-sessions';
import { Logins } from '../shop/logins.js';
import type { ShopRequest } from '../shop/shop-request.js';
import type { User } from '../shop/users.js';

/** Logins of which the session knows the user too: for lists of devices, limits and revocations. */
@Injectable()
export class KnownLogins extends Logins {
  constructor(private readonly sessions: MongoSessions) {
    super();
  }

  override async logIn(request: ShopRequest, user: User): Promise<void> {
    await super.logIn(request, user);
    const session = await this.sessions.from(request);
    await session.login(user.login, { keep: true });
  }
}
