import { Controller, Get, Query } from '@nestjs/common';
import { Session, type SessionObject } from '../../lib/index.js';

export type Notes = SessionObject<Record<string, unknown>>;

/** The least that a controller can do with a session. */
@Controller()
export class NotesController {
  @Get('write') write(@Session() session: Notes, @Query('key') key: string, @Query('value') value: string): void {
    session[key] = value;
  }

  @Get('erase') erase(@Session() session: Notes, @Query('key') key: string): void {
    delete session[key];
  }

  @Get('read') read(@Session() session: Notes) {
    return { ...session };
  }

  /** Has nothing to do with the session. */
  @Get('plain') plain() {
    return 'plain';
  }
}
