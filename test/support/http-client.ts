// A browser as far as cookies go, over real sockets.
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { cookieHeader, keepCookies } from '../../lib/testing/session-client.js';

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** Every Set-Cookie header. */
  readonly cookies: readonly string[];
  readonly bytes: Buffer;
  readonly body: string;
  /** Whether the connection broke before the end of the body. */
  readonly cutOff: boolean;
}

/** Keeps the cookies that it is given, and sends them back. One connection at a time unless requests run in parallel. */
export class HttpClient {
  readonly jar: Map<string, string>;
  readonly #protocol: typeof http | typeof https;
  readonly #agent: http.Agent;

  constructor(
    readonly origin: string,
    jar: ReadonlyMap<string, string> = new Map(),
  ) {
    this.jar = new Map(jar);
    this.#protocol = origin.startsWith('https:') ? https : http;
    this.#agent = new this.#protocol.Agent({ keepAlive: true, rejectUnauthorized: false });
  }

  async get(path: string, options: RequestOptions = {}): Promise<Reply> {
    return this.request(path, options);
  }

  async post(path: string, body: unknown, options: RequestOptions = {}): Promise<Reply> {
    const headers = { 'content-type': 'application/json', ...options.headers };
    return this.request(path, { method: 'POST', ...options, headers, body: JSON.stringify(body) });
  }

  async request(path: string, options: RequestOptions = {}): Promise<Reply> {
    return read(await this.open(path, options));
  }

  /** The response as soon as its headers are there; `read` gets the rest. */
  async open(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const [response] = (await once(this.start(path, options), 'response')) as [IncomingMessage];
    keepCookies(this.jar, response.headers['set-cookie'] ?? []);
    return response;
  }

  /** The request, sent; what becomes of it is the caller's business. */
  start(path: string, { method = 'GET', headers = {}, body }: RequestOptions = {}) {
    const cookie = cookieHeader(this.jar);
    const { hostname, port } = new URL(this.origin);
    const request = this.#protocol.request({
      agent: this.#agent,
      hostname,
      port,
      path,
      method,
      headers: { ...(cookie && { cookie }), ...headers },
    });
    request.end(body);
    return request;
  }

  /** Another browser with the same cookies. */
  clone(): HttpClient {
    return new HttpClient(this.origin, this.jar);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The whole reply. */
export async function read(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  // `aborted` comes as an error, too; both are told by `complete`.
  response.on('error', () => {});
  await new Promise<void>((resolve) => response.once('close', resolve));
  const bytes = Buffer.concat(chunks);
  return {
    status: response.statusCode!,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    cookies: response.headers['set-cookie'] ?? [],
    bytes,
    body: bytes.toString(),
    cutOff: !response.complete,
  };
}
