import { Controller, Get, Post } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { FreshSession, Session, type SessionObject } from '../../lib/index.js';
import { MemorySessionStore, SessionClient, signInAs, TestClock } from '../../lib/testing/index.js';
import { PLATFORMS, startApp } from '../support/http.js';

type Shop = SessionObject<{ cart?: string[] }>;

@Controller()
class Shopping {
  @Get('cart') show(@Session() { userId, cart }: Shop) {
    return { user: userId ?? null, cart: cart ?? [] };
  }

  @Post('cart') add(@Session() session: Shop) {
    session.cart = [...(session.cart ?? []), 'lamp'];
  }

  @FreshSession('10m')
  @Post('password')
  change() {}
}

// What docs/16-testing.md shows its readers.
describe.each(PLATFORMS)('the kit for tests on %s', (platform) => {
  const start = (options: object = {}) => {
    const [store, clock] = [new MemorySessionStore(), new TestClock()];
    return startApp({ platform, controllers: [Shopping], sessions: { store, clock, ...options } }).then((app) => ({
      app,
      store,
      clock,
      client: new SessionClient(app.origin),
    }));
  };

  test('signs in without a login page', async () => {
    const { app, client, store } = await start();
    const { headers, handle } = await signInAs(app.nest, { userId: 'ada', data: { cart: ['tea'] } });
    const reply = await client.get('/cart', { headers });
    expect(await reply.json()).toEqual({ user: 'ada', cart: ['tea'] });
    expect(await store.find(handle)).toMatchObject({ userId: 'ada' });
  });

  test('refuses data with a key that would hide a member', async () => {
    const { app, store } = await start();
    const signingIn = signInAs(app.nest, { userId: 'ada', data: { logout: 1 } });
    await expect(signingIn).rejects.toMatchObject({ code: 'SESSION_KEY_RESERVED' });
    expect(store.size).toBe(0);
  });

  test('signs in where the token is signed, and where it travels in a header', async () => {
    for (const options of [{ secrets: ['x'.repeat(32)] }, { transport: { header: 'X-Session' } }]) {
      const { app, client } = await start(options);
      const { headers } = await signInAs(app.nest, { userId: 'ada' });
      expect(await (await client.get('/cart', { headers })).json()).toMatchObject({ user: 'ada' });
    }
  });

  test('keeps cookies as a browser does', async () => {
    const { client } = await start();
    await client.post('/cart');
    await client.post('/cart');
    expect(await (await client.get('/cart')).json()).toMatchObject({ cart: ['lamp', 'lamp'] });
    expect([...client.cookies.keys()]).toEqual(['id']);
  });

  test('sends the cookie that a request is given in place of its own', async () => {
    const { app, client } = await start();
    await client.post('/cart');
    const { headers } = await signInAs(app.nest, { userId: 'ada' });
    expect(await (await client.get('/cart', { headers })).json()).toMatchObject({ user: 'ada' });
  });

  test('moves the time', async () => {
    const { app, client, clock } = await start();
    const { headers } = await signInAs(app.nest, { userId: 'ada' });
    expect((await client.post('/password', {}, { headers })).status).toBe(201);
    clock.advance(10 * 60_000);
    expect((await client.post('/password', {}, { headers })).status).toBe(401);
    clock.advance(30 * 60_000);
    expect(await (await client.get('/cart', { headers })).json()).toMatchObject({ user: null });
  });

  test('refuses to sign in with nothing to store', async () => {
    const { app } = await start();
    await expect(signInAs(app.nest, {})).rejects.toThrow('Give `data` or `userId`');
  });
});
