import { Injectable } from '@nestjs/common';
import { MongoSessions, type SessionObject } from 'nestjs-mongo-sessions';
import type { Task } from './session-data.js';

/** Does what a fresh login may do: at once, or after the password. */
@Injectable()
export class TaskRunner {
  constructor(private readonly sessions: MongoSessions) {}

  /** @returns where the browser goes next */
  async run(session: SessionObject, task: Task): Promise<string> {
    const own = this.sessions.of(session);
    if (task.kind === 'sign-out-others') return `/?notice=others-${await own.revokeOthers()}`;
    // The own handle signs this browser out, cookie and all.
    const isOver = await own.revoke(task.handle);
    if (session.userId === undefined) return '/login?notice=signed-out';
    return isOver ? '/?notice=device' : '/?notice=gone';
  }
}
