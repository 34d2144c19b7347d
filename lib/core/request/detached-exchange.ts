import type { HttpExchange } from '../token/http-exchange.interface.js';

/**
 * The request that opened a connection, as far as the platform's proxy settings trust its headers.
 */
export interface Handshake {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether the client uses https. */
  readonly secure: boolean;
  readonly remoteAddress: string | undefined;
  /** The host that the client has asked for, with its port if that isn't the default one. */
  readonly host: string | undefined;
  /** The pattern of `exclude` that matches its path: there is no session. */
  readonly excludedBy?: string | undefined;
  /** Its headers have been forgotten. */
  readonly isForgotten?: boolean;
}

/**
 * What came without a response that could answer: a message of a socket, or a job, which has no
 * handshake.
 */
export class DetachedExchange implements HttpExchange {
  readonly isDetached = true;
  readonly headersSent = true;
  readonly isClientGone = false;

  constructor(
    readonly toFrameworkError: (error: unknown) => unknown,
    private readonly handshake?: Handshake,
  ) {}

  get secure(): boolean {
    return this.handshake?.secure ?? false;
  }

  get remoteAddress(): string | undefined {
    return this.handshake?.remoteAddress;
  }

  get platformRequest(): object | undefined {
    return this.handshake?.isForgotten ? undefined : this.handshake;
  }

  get hostname(): string | undefined {
    return hostnameOf(this.handshake?.host);
  }

  get cookieHeader(): string | undefined {
    return this.header('cookie');
  }

  get userAgent(): string | undefined {
    return this.header('user-agent');
  }

  header(name: string): string | undefined {
    const value = this.handshake?.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  // Nothing of these is called once the headers have left.
  addCookie(): void {}
  setHeader(): void {}
  forbidCaching(): void {}
  varyBy(): void {}
}

/** The host of a header, without its port. */
export function hostnameOf(host: string | undefined): string | undefined {
  return host?.replace(/:\d*$/, '');
}
