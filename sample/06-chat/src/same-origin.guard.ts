import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

/**
 * Refuses forms that another site's page sends. The session cookie is SameSite=Lax and does not come with those, but the
 * login form needs no cookie: a stranger's page could log its visitor in as somebody else.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<IncomingMessage>();
    const site = headers['sec-fetch-site'];
    // Every browser of today sends the header; what sends none is no browser.
    return method === 'GET' || method === 'HEAD' || site === undefined || site === 'same-origin' || site === 'none';
  }
}
