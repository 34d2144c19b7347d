import { SessionError } from '../../../lib/core/errors.js';
import type { HttpExchange } from '../../../lib/core/token/http-exchange.interface.js';

/** What a framework makes of an error: a status for the client. */
export class FrameworkError extends Error {
  readonly status: number;

  constructor(cause: unknown) {
    super('as the client is told', { cause });
    this.status = cause instanceof SessionError ? cause.httpStatus : 500;
  }
}

/** One request and its answer, without a server. */
export class FakeExchange implements HttpExchange {
  remoteAddress: string | undefined = '192.0.2.1';
  secure = true;
  headersSent = false;
  isClientGone = false;
  /** The `Set-Cookie` headers of the answer. */
  readonly cookies: string[] = [];
  readonly headers = new Map<string, string>();
  readonly vary = new Set<string>();
  isCacheable = true;

  constructor(
    readonly cookieHeader: string | undefined,
    private readonly requestHeaders: Readonly<Record<string, string>> = {},
  ) {}

  get userAgent(): string | undefined {
    return this.requestHeaders['user-agent'];
  }

  header(name: string): string | undefined {
    return this.requestHeaders[name];
  }

  addCookie(header: string): void {
    if (this.headersSent) throw new Error('a cookie was set after the headers had left');
    this.cookies.push(header);
  }

  setHeader(name: string, value: string): void {
    if (this.headersSent) throw new Error('a header was set after the headers had left');
    this.headers.set(name.toLowerCase(), value);
  }

  forbidCaching(): void {
    this.isCacheable = false;
  }

  varyBy(header: string): void {
    if (this.headersSent) throw new Error('a header was set after the headers had left');
    this.vary.add(header);
  }

  toFrameworkError(error: unknown): unknown {
    return error instanceof FrameworkError ? error : new FrameworkError(error);
  }
}
