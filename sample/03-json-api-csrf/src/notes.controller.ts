import { BadRequestException, Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import type { Note } from './session-data.js';

const MAX_NOTES = 20;
const MAX_LENGTH = 200;

@Controller('notes')
export class NotesController {
  @Get()
  list(@Session('notes') notes: Note[] = []): Note[] {
    return notes;
  }

  /** `push` loses nothing to a request that adds another note at the same time. */
  @Post()
  @HttpCode(200)
  add(@Session() session: SessionObject, @Body('text') text: unknown): Promise<Note[]> {
    if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH)
      throw new BadRequestException(`A note has 1 to ${MAX_LENGTH} characters.`);
    return session.push('notes', [text], { max: MAX_NOTES });
  }
}
