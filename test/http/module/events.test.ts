// What happens to sessions is told as it happens, each event with the public handle of its session and no secret.
import { Controller, Get, Injectable } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import {
  getSessionEventsToken,
  MemorySessionStore,
  MongoSessions,
  Session,
  type SessionEvent,
  SessionEvents,
} from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';
import { TestClock } from '../../../lib/testing/index.js';
import { NotesController, type Notes } from './support/notes.controller.js';

@Injectable()
class Audit {
  readonly events: SessionEvent[] = [];
  isComplete = false;

  constructor(readonly source: SessionEvents) {
    source.subscribe({ next: (event) => this.events.push(event), complete: () => (this.isComplete = true) });
  }
}

@Controller()
class LifeController {
  @Get('handle')
  handle(@Session() session: Notes) {
    return session.handle;
  }

  @Get('regenerate')
  regenerate(@Session() session: Notes) {
    return session.regenerate({ keep: true });
  }

  @Get('destroy')
  destroy(@Session() session: Notes) {
    return session.destroy();
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  async function start() {
    const clock = new TestClock();
    const app = await startApp({
      platform,
      sessions: [
        { store: new MemorySessionStore(), clock, idleTimeout: '1m' },
        { name: 'admin', store: new MemorySessionStore(), clock },
      ],
      providers: [Audit],
      controllers: [NotesController, LifeController],
    });
    return { app, clock, audit: app.nest.get(Audit) };
  }

  test('a life is told from its beginning to its end', async () => {
    const { app, clock, audit } = await start();
    const browser = app.client();
    await browser.get('/write?key=a&value=1');
    const handle = (await browser.get('/handle')).body;
    const at = clock.now();
    const old = browser.clone();
    await browser.get('/regenerate');
    await old.get('/read');
    await browser.get('/destroy');
    await browser.clone().get('/read');

    expect(audit.events.slice(0, 2)).toEqual([
      { type: 'created', name: 'default', handle, at },
      { type: 'regenerated', name: 'default', handle, at },
    ]);
    expect(audit.events.slice(2)).toMatchObject([
      { type: 'rejected', reason: 'secret', handle },
      { type: 'destroyed', handle },
    ]);
    expect(JSON.stringify(audit.events)).not.toContain(old.jar.get('id')!.slice(16));
  });

  test('one whose time is over is told of when its token comes', async () => {
    const { app, clock, audit } = await start();
    const browser = app.client();
    await browser.get('/write?key=a&value=1');
    const handle = (await browser.get('/handle')).body;
    clock.advance(60_001);
    expect((await browser.get('/read')).body).toBe('{}');
    expect(audit.events.at(-1)).toMatchObject({ type: 'rejected', reason: 'expired', handle, at: clock.now() });
  });

  test('each registration tells of its own, and all end with the app', async () => {
    const { app, audit } = await start();
    const { nest } = app;
    expect(nest.get(MongoSessions).events).toBe(audit.source);
    expect(nest.get(SessionEvents)).toBe(nest.get(getSessionEventsToken()));
    const admin: SessionEvent[] = [];
    nest.get<SessionEvents>(getSessionEventsToken('admin')).subscribe((event) => admin.push(event));

    await app.client().get('/write?key=a&value=1');

    expect([audit.events.length, admin.length]).toEqual([1, 0]);
    await app.close();
    expect(audit.isComplete).toBe(true);
  });
});
