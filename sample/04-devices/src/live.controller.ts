import { Controller, type MessageEvent, Sse, UseGuards } from '@nestjs/common';
import { MongoSessions, Session, SessionEvents, type SessionObject } from 'nestjs-mongo-sessions';
import { type Observable, debounceTime, filter, interval, map, merge, takeUntil } from 'rxjs';
import { SignedInGuard } from './signed-in.guard.js';

/** Proxies close a connection on which nothing is said. */
const HEARTBEAT_MS = 25_000;

/** Tells an open page what happens: its own session has ended, or the list of devices has changed. */
@Controller()
@UseGuards(SignedInGuard)
export class LiveController {
  constructor(
    private readonly sessions: MongoSessions,
    private readonly events: SessionEvents,
  ) {}

  @Sse('live')
  live(@Session() session: SessionObject): Observable<MessageEvent> {
    const { userId } = session;
    const end = this.sessions.ended(session);
    const changes = this.events.of('loggedIn', 'revoked', 'destroyed').pipe(
      filter((event) => ('userId' in event ? event.userId : event.session?.userId) === userId),
      debounceTime(50),
      map(() => ({ type: 'changed', data: '' })),
    );
    const heartbeat = interval(HEARTBEAT_MS).pipe(map(() => ({ type: 'heartbeat', data: '' })));
    return merge(
      end.pipe(map(({ why }) => ({ type: 'ended', data: why }))),
      merge(changes, heartbeat).pipe(takeUntil(end)),
    );
  }
}
