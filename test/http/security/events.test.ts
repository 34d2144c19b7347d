// What is told about sessions: each event once, with the handle that names it, and never a token.
import { randomBytes } from 'node:crypto';
import { Controller, Get, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { getSessionEventsToken, MemorySessionStore, MongoSessions, Session } from '../../../lib/index.js';
import { type SessionDestroyedEvent, SessionEvents, type SessionLifeCycleEvent } from '../../../lib/index.js';
import type { SessionObject, SessionRejectedEvent } from '../../../lib/index.js';
import { type HttpClient, PLATFORMS, startApp } from '../../support/http.js';
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';
import { DAY, type Handle, MINUTE, type World, handleOf, startWorld, withCookie } from '../../support/world.js';

/** What a browser does with its session, and the events that come of it. */
const LIFE: [name: string, act: (world: World, browser: HttpClient) => unknown, types: string[]][] = [
  ['a look', (world, browser) => world.visit(browser, ({ session }) => ({ ...session })), []],
  ['a change', (world, browser) => world.visit(browser, ({ session }) => void (session['a'] = 2)), []],
  [
    'a regenerate',
    (world, browser) => world.visit(browser, ({ session }) => session.regenerate({ keep: true })),
    ['regenerated'],
  ],
  [
    'a login',
    (world, browser) => world.visit(browser, ({ session }) => session.login('ada')),
    ['regenerated', 'loggedIn'],
  ],
  ['a logout', (world, browser) => world.visit(browser, ({ session }) => session.logout()), ['destroyed']],
  ['a destroy', (world, browser) => world.visit(browser, ({ session }) => session.destroy()), ['destroyed']],
  ['emptying it', (world, browser) => world.visit(browser, ({ session }) => void delete session['a']), ['destroyed']],
  [
    'a renewal',
    (world, browser) => {
      world.clock.advance(5 * MINUTE);
      return world.visit(browser);
    },
    ['renewed'],
  ],
  [
    'its end by age',
    (world, browser) => {
      world.clock.advance(DAY);
      return world.visit(browser);
    },
    ['rejected'],
  ],
  [
    'a write that came after its end',
    async (world, browser) => {
      const late = await world.begin(browser.clone(), ({ session }) => void (session['a'] = 2));
      await world.visit(browser, ({ session }) => session.logout());
      await late.end();
    },
    ['destroyed', 'interrupted'],
  ],
  [
    'two logouts at once',
    async (world, browser) => {
      const late = await world.begin(browser.clone(), ({ session }) => session.logout());
      await world.visit(browser, ({ session }) => session.logout());
      await late.end();
    },
    ['destroyed'],
  ],
];

const REJECTED: [name: string, cookie: (valid: string) => string, reason: string, hasHandle: boolean][] = [
  ['a cookie that is no token', () => 'evil', 'malformed', false],
  ['an invented token', () => formatToken(createToken(0)), 'unknown', true],
  [
    'the handle of a session with another secret',
    (valid) => formatToken({ ...createToken(0), handle: handleOf(valid) }),
    'secret',
    true,
  ],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  test.each(LIFE)('%s is told', async (_, act, types) => {
    const world = await startWorld(platform, { renewAfter: '5m' });
    const browser = await world.browserWith({ a: 1 });
    const handle = handleOf(browser.jar.get('id')!);
    const created = { type: 'created', handle, name: 'default', at: world.clock.now() };
    await act(world, browser);
    const now = world.clock.now();
    expect(world.events).toMatchObject([created, ...types.map((type) => ({ type, handle, name: 'default', at: now }))]);
  });

  test.each(REJECTED)('%s is told as rejected', async (_, cookie, reason, hasHandle) => {
    const world = await startWorld(platform);
    const browser = await world.browserWith();
    const forged = cookie(browser.jar.get('id')!);
    const reply = await world.visit(withCookie(browser, forged));
    expect([reply.status, reply.cookies]).toEqual([200, []]);
    expect(world.events.slice(1)).toEqual([
      {
        type: 'rejected',
        reason,
        name: 'default',
        at: world.clock.now(),
        address: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/),
        unknownTokens: 1,
        ...(hasHandle && { handle: handleOf(forged) }),
      },
    ]);
  });

  test('data that no key opens any more is told, and its browser is nobody, not an error', async () => {
    const before = await startWorld(platform, { encryption: { keys: [randomBytes(32)] } });
    const browser = await before.browserWith();
    const world = await startWorld(platform, { store: before.store, encryption: { keys: [randomBytes(32)] } });
    const guest = withCookie(world.client(), browser.jar.get('id')!);
    const reply = await world.visit(guest, ({ session }) => ({ ...session, isNew: session.isNew }));
    expect([reply.status, reply.body, reply.cookies]).toEqual([200, '{"isNew":true}', []]);
    const handle = handleOf(browser.jar.get('id')!);
    expect(world.events).toEqual([expect.objectContaining({ type: 'rejected', reason: 'undecodable', handle })]);
  });

  test('no event has anything of a token in it but the handle', async () => {
    const world = await startWorld(platform, { renewAfter: '5m', secrets: ['k'.repeat(32)] });
    const tokens: string[] = [];
    const browser = await world.browserWith();
    const act = async (handle?: Handle) => {
      tokens.push(browser.jar.get('id')!);
      await world.visit(browser, handle);
    };
    await act(({ session }) => session.login('ada', { keep: true }));
    world.clock.advance(5 * MINUTE);
    await act();
    const stolen = withCookie(browser, tokens[0]!);
    await world.visit(stolen);
    await act(({ session }) => session.logout());
    await world.visit(withCookie(browser, tokens.at(-1)!));
    expect(world.eventTypes()).toEqual([
      'created',
      'regenerated',
      'loggedIn',
      'renewed',
      'rejected: secret',
      'destroyed',
      'rejected: unknown',
    ]);
    const told = JSON.stringify([world.events, world.app.log.lines]);
    expect(tokens).toHaveLength(3);
    for (const token of tokens) {
      const secret = Buffer.from(token.slice(0, 59), 'base64url').subarray(12);
      const forms = [token, token.slice(0, 59), token.slice(60), token.slice(20, 40)];
      for (const form of [...forms, secret.toString('hex'), secret.toString('base64'), secret.toString('base64url')])
        expect(told).not.toContain(form);
    }
  });

  test('of one type or several, typed, for each registration by itself, until the app is closed', async () => {
    const told: string[] = [];

    @Injectable()
    class Listener {
      constructor(events: SessionEvents, sessions: MongoSessions) {
        const rejected = events.of('rejected');
        expectTypeOf(rejected).toEqualTypeOf<Observable<SessionRejectedEvent>>();
        expectTypeOf(events.of('created', 'destroyed')).toEqualTypeOf<
          Observable<SessionLifeCycleEvent<'created'> | SessionDestroyedEvent>
        >();
        rejected.subscribe(({ reason, unknownTokens }) => told.push(`${reason} ${unknownTokens}`));
        events.of('created', 'destroyed').subscribe({
          next: ({ type, name }) => told.push(`${type} ${name}`),
          complete: () => told.push('closed'),
        });
        expect(sessions.events).toBe(events);
      }
    }

    @Controller()
    class TwoController {
      @Get('fill')
      fill(
        @Session() own: SessionObject<{ a?: number }>,
        @Session({ name: 'admin' }) admin: SessionObject<{ a?: number }>,
      ) {
        own.a = admin.a = 1;
      }
    }

    const app = await startApp({
      platform,
      controllers: [TwoController],
      providers: [Listener],
      sessions: [{ store: new MemorySessionStore() }, { name: 'admin', store: new MemorySessionStore() }],
    });
    app.nest
      .get<SessionEvents>(getSessionEventsToken('admin'))
      .subscribe(({ type, name }) => told.push(`${type} ${name}`));
    await app.client().get('/fill');
    await app.client().get('/fill', { headers: { cookie: 'id=x; admin=y' } });
    expect(told.toSorted(byText)).toEqual(
      [
        'created admin',
        'created admin',
        'created default',
        'created default',
        'malformed 1',
        'rejected admin',
      ].toSorted(byText),
    );
    await app.close();
    expect(told.at(-1)).toBe('closed');
  });
});

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
