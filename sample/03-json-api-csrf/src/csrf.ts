import { randomBytes } from 'node:crypto';
import { doubleCsrf } from 'csrf-csrf';
import type { Request } from 'express';
import type { SessionObject } from 'nestjs-mongo-sessions';

/** The same in all processes of an app, and in none of its sources. */
const secret = process.env.CSRF_SECRET ?? randomBytes(32).toString('base64');

const sessionOf = (request: Request) => (request as Request & { session: SessionObject }).session;

/** Tokens are bound to `session.id`: a login or logout makes those of before worthless. */
export const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
  getSecret: () => secret,
  getSessionIdentifier: (request) => sessionOf(request).id,
  // On https: the default name `__Host-psifi.x-csrf-token`, and `secure: true`.
  cookieName: 'csrf',
  cookieOptions: { secure: false, sameSite: 'lax' },
});
