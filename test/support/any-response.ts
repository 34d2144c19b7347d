import type { ServerResponse } from 'node:http';

/** A response of either platform, as far as they agree, and what is below it. */
export interface AnyResponse {
  raw?: ServerResponse;
  hijack?(): void;
  send(body: unknown): void;
  header(name: string, value: string): void;
  appendHeader?(name: string, value: string): void;
  redirect(...args: unknown[]): void;
}

/** Node's own response. */
export function rawOf(response: Pick<AnyResponse, 'raw'>): ServerResponse {
  return response.raw ?? (response as unknown as ServerResponse);
}

/** Node's own response, taken out of the platform's hands. */
export function takeRaw(response: Pick<AnyResponse, 'raw' | 'hijack'>): ServerResponse {
  response.hijack?.();
  return rawOf(response);
}
