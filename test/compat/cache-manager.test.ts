// CacheInterceptor keeps one response for each address, whoever asks.
import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { Controller, Get, Injectable, Post, type Type, UseInterceptors } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../lib/index.js';
import { PLATFORMS, startApp } from '../support/http.js';
import { codeBlocks } from '../support/doc-code.js';
import { evaluateClass } from '../support/main-file.js';

type Visitor = SessionObject<{ cart?: string[] }>;

let handled = 0;

function controllerWith(interceptor: Type): Type {
  @Controller()
  class PageController {
    @Post('login') login(@Session() session: Visitor) {
      return session.login(`user ${(handled += 1)}`);
    }

    @Post('cart') add(@Session() session: Visitor) {
      session.cart = [`thing ${(handled += 1)}`];
    }

    @UseInterceptors(interceptor)
    @Get('me')
    me(@Session() session: Visitor) {
      handled += 1;
      return { user: session.userId ?? null, cart: session.cart ?? [] };
    }
  }
  return PageController;
}

/** The interceptor that docs/23-security.md gives. */
const recommended = codeBlocks('ts').filter(({ text }) => text.includes('extends CacheInterceptor'));

describe.each(PLATFORMS)('B28: CacheInterceptor on %s', (platform) => {
  const start = (interceptor: Type) =>
    startApp({
      platform,
      imports: [CacheModule.register({ isGlobal: true, ttl: 60_000 })],
      controllers: [controllerWith(interceptor)],
      sessions: { store: new MemorySessionStore() },
    });

  test("hands one user's response to another", async () => {
    const app = await start(CacheInterceptor);
    const [ada, grace] = [app.client(), app.client()];
    await ada.post('/login', {});
    await grace.post('/login', {});
    const { body } = await ada.get('/me');
    expect((await grace.get('/me')).body).toBe(body);
    expect((await app.client().get('/me')).body).toBe(body);
  });

  test.each(recommended)('the one of $at keeps a response for each session', async ({ text }) => {
    const scope = { CacheInterceptor, Injectable };
    const app = await start((await evaluateClass(text, scope)) as Type);
    const [ada, grace, shopper] = [app.client(), app.client(), app.client()];
    await ada.post('/login', {});
    await grace.post('/login', {});
    await shopper.post('/cart', {});
    const visitors = [ada, grace, shopper, app.client()];
    const seen: string[] = [];
    for (const visitor of visitors) seen.push((await visitor.get('/me')).body);
    expect(new Set(seen).size).toBe(visitors.length);
    const before = handled;
    for (const [index, visitor] of visitors.slice(0, 3).entries())
      expect((await visitor.get('/me')).body).toBe(seen[index]);
    expect(handled).toBe(before);
    // Another user in the same session gets nothing of the one before.
    await ada.post('/login', {});
    expect((await ada.get('/me')).body).not.toBe(seen[0]);
  });

  test('the docs give one', () => {
    expect(recommended).not.toEqual([]);
  });
});
