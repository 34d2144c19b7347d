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

/** Where tests look what has become of the mark. */
@Controller()
export class MarkController {
  @Get('mark') read(@Session<Marked>('mark') mark: string | undefined) {
    return { mark };
  }
}
