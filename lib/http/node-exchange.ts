import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '../core/errors.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { gateOf } from './response/response-gate.js';
import type { SessionHeaders } from './response/session-headers.js';

/**
 * A platform's own request, or the raw one on which platforms put the same: Express's has `secure`, that of Fastify and of @fastify/middie
 * `protocol`; these, and `ip`, heed the platform's own proxy settings.
 */
interface PlatformRequest {
  readonly secure?: unknown;
  readonly protocol?: unknown;
  readonly ip?: unknown;
}

/** With every 503: how many seconds a client should wait. An election takes about as long, a restart not much longer. */
const RETRY_AFTER_SECONDS = '5';

/** Turns a `SessionError` into an error that the framework answers with the right status and without details. */
export type ErrorConverter = (error: unknown) => unknown;

/** A request and its response, for the core. */
export class NodeExchange implements HttpExchange {
  #secure: boolean | undefined;

  constructor(
    protected readonly request: IncomingMessage,
    protected readonly response: ServerResponse,
    private readonly platform: object,
    private readonly convertError: ErrorConverter,
  ) {}

  /** Found out once: the cookie's name depends on it, when it is read and when it is set. */
  get secure(): boolean {
    return (this.#secure ??= isSecure(this.platform, this.request));
  }

  /** Nobody adds a header before the answer is guarded. */
  get #headers(): SessionHeaders {
    return gateOf(this.response)!.headers;
  }

  get cookieHeader(): string | undefined {
    return this.request.headers.cookie;
  }

  get headersSent(): boolean {
    return gateOf(this.response)?.headersSent ?? this.response.headersSent;
  }

  get isClientGone(): boolean {
    return gateOf(this.response)?.isClientGone ?? false;
  }

  get remoteAddress(): string | undefined {
    const { ip } = this.platform as PlatformRequest;
    return typeof ip === 'string' ? ip : this.request.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  toFrameworkError(error: unknown): unknown {
    const isTemporary = error instanceof SessionError && error.httpStatus === 503;
    if (isTemporary && !this.headersSent) this.#headers.set('Retry-After', RETRY_AFTER_SECONDS, 503);
    return this.convertError(error);
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  forbidCaching(): void {
    this.#headers.append('cache-control', 'private', 'no-store');
  }

  varyBy(header: string): void {
    this.#headers.append('vary', header);
  }

  addCookie(header: string): void {
    this.#headers.setCookie(this, header);
  }
}

function isSecure(platform: object, request: IncomingMessage): boolean {
  const { secure, protocol } = platform as PlatformRequest;
  if (typeof secure === 'boolean') return secure;
  if (typeof protocol === 'string') return protocol === 'https';
  return (request.socket as { encrypted?: unknown }).encrypted === true;
}
