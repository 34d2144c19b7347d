// Sessions that a job reads and edits by their handle, outside of any request.
import { describe, expect, test } from 'vitest';
import { JobSessions, type EditOptions, type SessionEditor } from '../../../../lib/core/request/job-sessions.js';
import { SessionError } from '../../../../lib/core/errors.js';
import type { SessionHandle } from '../../../../lib/core/token/session-token.js';
import { type AnySession, type Browser, HOUR, MINUTE, visitWith } from '../../../support/core/world.js';

type Editor = (session: AnySession) => unknown;

async function setUp(data: object = { theme: 'light' }) {
  const { world, browser } = await visitWith(data);
  const jobs = new JobSessions(world.registration, (error) => error);
  const { handle } = browser;
  const edit = (change: Editor, options: EditOptions = {}) =>
    jobs.edit(handle, change as SessionEditor<object>, options);
  const read = () => jobs.read(handle) as Promise<AnySession | undefined>;
  return { world, browser, jobs, handle, edit, read };
}

/** Gives the session a new token with all of its data, as a login in a parallel request does. */
const renew = (browser: Browser) => browser.visit((session) => session.regenerate({ keep: true }));

const NO_SESSION = '0'.repeat(24);
const NO_HANDLE = [undefined, null, 1, '', 'x', {}] as unknown as SessionHandle[];

describe('sessions.read()', () => {
  test('resolves with the data and the members of the session', async () => {
    const { browser, handle, read } = await setUp();
    await browser.visit((session) => session.login('ada', { keep: true }));
    const session = (await read())!;
    expect([{ ...session }, session.userId, session.handle]).toEqual([{ theme: 'light' }, 'ada', handle]);
  });

  test('resolves with a session that refuses to be changed', async () => {
    const { world, read } = await setUp({ list: [1] });
    const session = (await read())!;
    expect(() => (session['theme'] = 'dark')).toThrow(TypeError);
    expect(() => (session['list'] as number[]).push(2)).toThrow(TypeError);
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_READ_ONLY' });
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test('resolves with undefined if there is no such session, or it has expired', async () => {
    const { world, jobs, read } = await setUp();
    expect(await jobs.read(NO_SESSION)).toBeUndefined();
    world.clock.advance(24 * HOUR);
    expect(await read()).toBeUndefined();
  });

  test.each(NO_HANDLE)(
    'resolves with undefined for %j, which is no handle, and does not ask the store',
    async (none) => {
      const { world, jobs } = await setUp();
      expect(await jobs.read(none)).toBeUndefined();
      expect(world.store.takeCalls()).toEqual([]);
    },
  );

  test('rejects if the store fails', async () => {
    const { world, read } = await setUp();
    world.store.fail('find');
    await expect(read()).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  });
});

describe('sessions.edit()', () => {
  test('saves what the function has changed, and resolves with true', async () => {
    const { world, handle, edit } = await setUp();
    expect(await edit((session) => void (session['theme'] = 'dark'))).toBe(true);
    expect(await world.stored(handle)).toEqual({ theme: 'dark' });
  });

  test('waits for an async function before it saves', async () => {
    const { world, handle, edit } = await setUp();
    await edit(async (session) => {
      await new Promise(setImmediate);
      session['theme'] = 'dark';
    });
    expect(await world.stored(handle)).toEqual({ theme: 'dark' });
  });

  test('is no use of the session: it does not prolong it', async () => {
    const { world, handle, edit } = await setUp();
    const before = (await world.store.stored(handle))!;
    world.clock.advance(20 * MINUTE);
    await edit((session) => void (session['theme'] = 'dark'));
    const { lastSeenAt, expiresAt } = (await world.store.stored(handle))!;
    expect([lastSeenAt, expiresAt]).toEqual([before.lastSeenAt, before.expiresAt]);
  });

  test('resolves with false if there is no such session, and does not call the function', async () => {
    const { jobs } = await setUp();
    const never = () => expect.unreachable();
    for (const handle of [NO_SESSION, ...NO_HANDLE]) expect(await jobs.edit(handle, never, {})).toBe(false);
  });

  test('resolves with false if the session has ended while the function ran', async () => {
    const { browser, edit } = await setUp();
    const edited = await edit(async (session) => {
      session['theme'] = 'dark';
      await browser.visit((own) => own.destroy());
    });
    expect(edited).toBe(false);
  });

  test('calls the function again if the session got a new token in the meantime, without an event', async () => {
    const { world, browser, handle, edit } = await setUp({ count: 0 });
    const seen: unknown[] = [];
    const edited = await edit(async (session) => {
      seen.push(session['count']);
      session['count'] = (session['count'] as number) + 1;
      if (seen.length > 1) return;
      await browser.visit((own) => {
        own['count'] = 10;
        return own.regenerate({ keep: true });
      });
    });
    expect([edited, seen]).toEqual([true, [0, 10]]);
    expect(await world.stored(handle)).toEqual({ count: 11 });
    expect(world.eventTypes).not.toContain('interrupted');
  });

  test.each<[string, Editor]>([
    ['increment() (SESSION_INTERRUPTED)', (session) => session.increment('count')],
    ['touch() (SESSION_INTERRUPTED)', (session) => session.touch()],
    ['reload() (SESSION_ENDED)', (session) => session.reload()],
  ])('resolves with false if the session ends before the function calls %s', async (_, act) => {
    const { browser, edit } = await setUp();
    let calls = 0;
    const edited = await edit(async (session) => {
      calls += 1;
      if (calls === 1) await browser.visit((own) => own.destroy());
      await act(session);
    });
    expect([edited, calls]).toEqual([false, 1]);
  });

  test.each([
    [undefined, 4],
    [0, 1],
    [2, 3],
  ])(
    'with `retries: %s` rejects with SESSION_CONTENDED after %i calls of the function, and saves nothing',
    async (retries, most) => {
      const { world, browser, handle, edit } = await setUp();
      let calls = 0;
      const contended = edit(
        async (session) => {
          calls += 1;
          session['theme'] = 'dark';
          await renew(browser);
        },
        retries === undefined ? {} : { retries },
      );
      await expect(contended).rejects.toMatchObject({
        code: 'SESSION_CONTENDED',
        httpStatus: 409,
        message: expect.stringMatching(
          /^The session got a new token each time .* Try again later, or allow more `retries`/,
        ),
      });
      expect(calls).toBe(most);
      expect(await world.stored(handle)).toEqual({ theme: 'light' });
    },
  );

  test('rejects with what the function throws, calls it once and saves nothing', async () => {
    const { world, handle, edit } = await setUp();
    let calls = 0;
    const thrown = new Error('of the app');
    const edited = edit((session) => {
      calls += 1;
      session['theme'] = 'dark';
      throw thrown;
    });
    await expect(edited).rejects.toBe(thrown);
    expect(calls).toBe(1);
    expect(await world.stored(handle)).toEqual({ theme: 'light' });
  });

  test('rejects with an error about another session that the function throws, instead of calling it again', async () => {
    const { edit } = await setUp();
    let calls = 0;
    const thrown = new SessionError('SESSION_INTERRUPTED', 'of another session');
    const edited = edit(() => {
      calls += 1;
      throw thrown;
    });
    await expect(edited).rejects.toBe(thrown);
    expect(calls).toBe(1);
  });

  test.each([
    ['an error', new Error('of the app')],
    ['undefined', undefined],
  ])('rejects with %s that the function throws after the session got a new token', async (_, thrown) => {
    const { browser, edit } = await setUp();
    let calls = 0;
    const edited = edit(async (session) => {
      calls += 1;
      await renew(browser);
      await session.touch().catch(() => {});
      return Promise.reject(thrown);
    });
    await expect(edited).rejects.toBe(thrown);
    expect(calls).toBe(1);
  });

  test('rejects if the store fails', async () => {
    const { world, edit } = await setUp();
    world.store.fail('update');
    const edited = edit((session) => void (session['theme'] = 'dark'));
    await expect(edited).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' });
  });

  test('refuses what is no function', async () => {
    const { edit } = await setUp();
    for (const wrong of [undefined, { theme: 'dark' }])
      await expect(edit(wrong as unknown as Editor)).rejects.toMatchObject({
        code: 'SESSION_OPTION_INVALID',
        message: expect.stringMatching(/edit.*Give a function that changes the session\./),
      });
  });

  test.each([-1, 0.5, 1001, '3'])('refuses %j as the number of retries', async (retries) => {
    const { edit } = await setUp();
    await expect(edit(() => {}, { retries: retries as number })).rejects.toMatchObject({
      code: 'SESSION_OPTION_INVALID',
      message: expect.stringContaining('edit({ retries })'),
    });
  });
});
