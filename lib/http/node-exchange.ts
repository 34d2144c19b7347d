import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '../core/errors.js';
import { hostnameOf } from '../core/request/detached-exchange.js';
import type { HttpExchange } from '../core/token/http-exchange.interface.js';
import { gateOf } from './response/response-gate.js';
import type { SessionHeaders } from './response/session-headers.js';

/**
 * A platform's own request, or a raw one with the same properties. Express has `secure`, Fastify
 * and @fastify/middie `protocol`; these and `ip` follow the platform's proxy settings.
 */
interface PlatformRequest {
  readonly secure?: unknown;
  readonly protocol?: unknown;
  readonly ip?: unknown;
  readonly hostname?: unknown;
}

/** Sent with every 503. An election takes about this long, a restart not much longer. */
const RETRY_AFTER_SECONDS = '5';

/**
 * Converts a `SessionError` into an error that the framework responds to with the right status and
 * no details.
 */
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

  /** Cached, because the cookie's name depends on it, both when it is read and when it is set. */
  get secure(): boolean {
    return (this.#secure ??= isSecure(this.platform, this.request));
  }

  /** Headers are only added once the response is guarded. */
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

  get platformRequest(): object {
    return this.platform;
  }

  get hostname(): string | undefined {
    const { hostname } = this.platform as PlatformRequest;
    return typeof hostname === 'string' ? hostname : hostnameOf(this.header('host'));
  }

  /** Of several, Node shows the first one only. */
  get userAgent(): string | undefined {
    const { rawHeaders, headers } = this.request;
    const names = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'user-agent');
    return names.length === 1 ? headers['user-agent'] : undefined;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  toFrameworkError(error: unknown): unknown {
    const isTemporary = error instanceof SessionError && error.httpStatus === 503;
    if (isTemporary && !this.headersSent) gateOf(this.response)?.headers.set('Retry-After', RETRY_AFTER_SECONDS, 503);
    return this.convertError(error);
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  forbidCaching(): void {
    this.#headers.forbidCaching();
  }

  varyBy(header: string): void {
    this.#headers.append('vary', header);
  }

  addCookie(header: string, owner: object = this): void {
    this.#headers.setCookie(owner, header);
  }
}

/** Whether the client uses https, as far as the platform's proxy settings trust the headers. */
function isSecure(platform: object, request: IncomingMessage): boolean {
  const { secure, protocol } = platform as PlatformRequest;
  if (typeof secure === 'boolean') return secure;
  if (typeof protocol === 'string') return protocol === 'https';
  return (request.socket as { encrypted?: unknown }).encrypted === true;
}
