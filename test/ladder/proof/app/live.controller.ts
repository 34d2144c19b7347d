import { Controller, Get, Sse } from '@nestjs/common';
import type { Model } from 'mongoose';
import { NEVER, type Observable, startWith, takeUntil } from 'rxjs';
import {
  InjectSessionModel,
  MongoSessions,
  Session,
  type SessionDocument,
  type SessionObject,
} from '../../../../lib/index.js';

@Controller()
export class LiveController {
  #ended = 0;

  constructor(
    private readonly sessions: MongoSessions,
    @InjectSessionModel() private readonly model: Model<SessionDocument>,
  ) {}

  /** A stream that is open as long as its session. */
  @Sse('live') live(@Session() session: SessionObject): Observable<{ data: string }> {
    return NEVER.pipe(startWith({ data: 'open' }), takeUntil(this.sessions.ended(session)));
  }

  /** Watches every session that there is. */
  @Get('watch-all') async watchAll() {
    const all = await this.model.find({}, { _id: 1 }).lean();
    for (const { _id } of all) this.sessions.ended(String(_id)).subscribe(() => (this.#ended += 1));
    return { watched: all.length };
  }

  @Get('ended') ended() {
    return { ended: this.#ended };
  }
}
