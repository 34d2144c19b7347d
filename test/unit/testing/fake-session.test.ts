import { Controller, Post } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject, flash } from '../../../lib/index.js';
import { TestClock, fakeSession } from '../../../lib/testing/index.js';

interface Cart {
  items?: string[];
  coupon?: string;
  seen?: Date;
}

@Controller()
class CartController {
  @Post()
  async add(@Session() session: SessionObject<Cart>, item: string) {
    session.items = [...(session.items ?? []), item];
    await session.save();
  }

  async login(@Session() session: SessionObject<Cart>) {
    await session.login('ada', { keep: ['items'], amr: ['pwd'] });
  }
}

describe('B11: fakeSession()', () => {
  test('is what a handler gets, for a handler that is called by hand', async () => {
    const session = fakeSession<Cart>({ items: ['tea'] });
    await new CartController().add(session, 'lamp');
    expect(session.items).toEqual(['tea', 'lamp']);
    expect({ ...session }).toEqual({ items: ['tea', 'lamp'] });
  });

  test('is stored from the start when it has data or a user, and new without both', async () => {
    expect(fakeSession<Cart>({ items: [] }).isNew).toBe(false);
    expect(fakeSession({}, { userId: 'ada' }).isNew).toBe(false);
    const first = fakeSession<Cart>();
    expect(first.isNew).toBe(true);
    await new CartController().add(first, 'tea');
    expect(first.isNew).toBe(false);
  });

  test('belongs to the user it is given, since the time of its clock', () => {
    const clock = new TestClock(1_000_000_000_000);
    const session = fakeSession({}, { userId: 'ada', amr: ['pwd', 'otp'], clock });
    expect(session).toMatchObject({ userId: 'ada', amr: ['pwd', 'otp'], authenticatedAt: new Date(clock.now()) });
    expect(session.expiresAt).toEqual(new Date(clock.now() + 30 * 60_000));
  });

  test('login() gives it a user and keeps what it is told to', async () => {
    const session = fakeSession<Cart>({ items: ['tea'], coupon: 'X' });
    const { id, handle } = session;
    await new CartController().login(session);
    expect({ ...session }).toEqual({ items: ['tea'] });
    expect(session).toMatchObject({ userId: 'ada', handle });
    expect(session.id).not.toBe(id);
  });

  test.each(['logout', 'destroy'] as const)('%s() ends it', async (verb) => {
    const session = fakeSession<Cart>({ items: ['tea'] }, { userId: 'ada' });
    await session[verb]();
    expect({ ...session }).toEqual({});
    await expect(session.reload()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  test('logout({ clearSiteData }) works without a response', async () => {
    const session = fakeSession({}, { userId: 'ada' });
    await session.logout({ clearSiteData: true });
    await expect(session.reload()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  test('regenerate() keeps what it is told to', async () => {
    const session = fakeSession<Cart>({ items: ['tea'], coupon: 'X' });
    await session.regenerate({ keep: ['coupon'] });
    expect({ ...session }).toEqual({ coupon: 'X' });
  });

  test('reload() drops what was not saved', async () => {
    const session = fakeSession<Cart>({ items: ['tea'] });
    session.items!.push('lamp');
    await session.reload();
    expect(session.items).toEqual(['tea']);
  });

  test('touch() moves its end', async () => {
    const clock = new TestClock();
    const session = fakeSession<Cart>({ items: [] }, { clock });
    const before = session.expiresAt.getTime();
    clock.advance(60_000);
    await session.touch();
    expect(session.expiresAt.getTime()).toBe(before + 60_000);
  });

  test('the atomic operations change one key each', async () => {
    const session = fakeSession<{ visits: number; items: string[]; code?: string; coupon?: string }>({
      visits: 1,
      items: ['tea'],
      code: '123',
    });
    expect(await session.increment('visits', 2)).toBe(3);
    expect(await session.push('items', ['lamp', 'book'], { max: 2 })).toEqual(['lamp', 'book']);
    expect(await session.take('code')).toBe('123');
    expect(await session.compareAndSet('coupon', undefined, 'X')).toBe(true);
    expect(await session.compareAndSet('coupon', undefined, 'Y')).toBe(false);
    expect(await session.update<number>('visits', (visits = 0) => visits * 2)).toBe(6);
    expect({ ...session }).toEqual({ visits: 6, items: ['lamp', 'book'], coupon: 'X' });
  });

  test('flash() leaves messages, once', async () => {
    const session = fakeSession();
    await flash(session, 'notice', 'Saved');
    expect(await flash(session, 'notice')).toEqual(['Saved']);
    expect(await flash(session, 'notice')).toEqual([]);
  });

  test('permanent and cookie are those of a session', () => {
    const session = fakeSession<Cart>({ items: [] });
    session.permanent = true;
    expect(session.cookie.maxAge).toBe(session.permanent);
  });

  test('values come back as they would from the database', () => {
    const seen = new Date(0);
    expect(fakeSession<Cart>({ seen }).seen).toEqual(seen);
    expect(() => fakeSession({ broken: () => {} })).toThrow(expect.objectContaining({ code: 'SESSION_VALUE_REFUSED' }));
  });

  test('two of them share nothing', async () => {
    const [one, other] = [fakeSession<Cart>({ items: ['tea'] }), fakeSession<Cart>({ items: ['tea'] })];
    await one.destroy();
    await other.reload();
    expect(other.items).toEqual(['tea']);
    expect(one.handle).not.toBe(other.handle);
  });

  test('works at once, before any turn of the event loop', async () => {
    const session = fakeSession<Cart>({ items: ['tea'] }, { userId: 'ada' });
    const saved = ((session.coupon = 'X'), session.save());
    const ended = session.logout();
    await Promise.all([saved, ended]);
    expect({ ...session }).toEqual({});
    const another = fakeSession<Cart>({ items: ['tea'] });
    await another.login('grace', { keep: true });
    await another.reload();
    expect(another).toMatchObject({ userId: 'grace', items: ['tea'] });
  });

  test('refuses a key that would hide a member', () => {
    for (const data of [{ userId: 'ada' }, { login: 1 }])
      expect(() => fakeSession(data)).toThrow(expect.objectContaining({ code: 'SESSION_KEY_RESERVED' }));
  });

  test('refuses an id that login() refuses', () => {
    expect(() => fakeSession({}, { userId: { $ne: 1 } })).toThrow(
      expect.objectContaining({ code: 'SESSION_VALUE_REFUSED' }),
    );
  });
});
