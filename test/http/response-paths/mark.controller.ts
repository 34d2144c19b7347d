import type { ServerResponse } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { Session, type SessionObject } from '../../../lib/index.js';

export interface Marked {
  mark?: string;
}

/** Changes the session if there is a mark to set; looks at it in any case. */
export function put(session: SessionObject<Marked>, mark: string | undefined): void {
  if (mark === undefined) void session.mark;
  else session.mark = mark;
}

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

/** Where tests look what has become of the mark. */
@Controller()
export class MarkController {
  @Get('mark')
  read(@Session<Marked>('mark') mark: string | undefined) {
    return { mark };
  }
}
