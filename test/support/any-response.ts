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

/** Node's own response, taken out of the platform's hands. */
export function takeRaw(response: AnyResponse): ServerResponse {
  response.hijack?.();
  return response.raw ?? (response as unknown as ServerResponse);
}
