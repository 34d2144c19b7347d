import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { ShopRequest } from './shop-request.js';
import { type User, findUser } from './users.js';

// What passport keeps in `session.passport.user`.
passport.serializeUser((user, done) => done(null, (user as User).login));
passport.deserializeUser((login, done) => done(null, findUser(login) ?? false));

/** Logs users in and out, by passport. */
@Injectable()
export class Logins {
  /** The session gets another id, and keeps the cart. */
  logIn(request: ShopRequest, user: User): Promise<void> {
    return finished((done) => request.logIn(user, { keepSessionInfo: true }, done));
  }

  logOut(request: ShopRequest): Promise<void> {
    return finished((done) => request.logOut({}, done));
  }
}

function finished(run: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
