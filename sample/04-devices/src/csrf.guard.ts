import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { SessionObject } from 'nestjs-mongo-sessions';

/** The same in all processes of an app, and in none of its sources. */
const SECRET = process.env.CSRF_SECRET ?? randomBytes(32);

interface FormRequest {
  readonly method: string;
  readonly session: SessionObject;
  readonly body?: { readonly csrf?: unknown };
}

/** The token of this session's forms. `session.id` changes with every login, and so does the token. */
export function csrfToken(session: SessionObject): string {
  return createHmac('sha256', SECRET).update(session.id).digest('base64url');
}

/** Takes no form that another site has sent, or that belongs to another session. */
@Injectable()
export class CsrfGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const { method, session, body } = context.switchToHttp().getRequest<FormRequest>();
    if (method === 'GET' || method === 'HEAD') return true;
    const given = Buffer.from(String(body?.csrf));
    const expected = Buffer.from(csrfToken(session));
    if (given.length === expected.length && timingSafeEqual(given, expected)) return true;
    throw new ForbiddenException('The form is out of date. Go back, load the page again, and repeat what you did.');
  }
}
