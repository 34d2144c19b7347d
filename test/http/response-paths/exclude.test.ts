// Paths without a session.
import type { IncomingMessage } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { MemorySessionStore, Session, type SessionObject } from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';
import { excludeMatcher } from '../../../lib/http/exclude-paths.js';
import { MarkController, type Marked } from './mark.controller.js';

const PATTERNS: [pattern: string | RegExp, url: string, isExcluded: boolean][] = [
  ['/health', '/health', true],
  ['/health', '/health?deep=1', true],
  ['/health', '/health/', false],
  ['/health', '/healthy', false],
  ['/health', '/api/health', false],
  ['/assets/*', '/assets/a.css', true],
  ['/assets/*', '/assets/a/b/c.css?v=1', true],
  ['/assets/*', '/assets/', true],
  ['/assets/*', '/assets', false],
  ['/assets/*', '/x?/assets/', false],
  ['/*.css', '/a/b.css', true],
  ['/*.css', '/a/b.css.exe', false],
  ['/a*a', '/a', false],
  ['/a*a', '/aa', true],
  ['/*/b*c*', '/a/b/x/c', true],
  ['/*/b*c*', '/a/c/b', false],
  ['/.*', '/xy', false],
  ['/caf\u00e9', '/caf%C3%A9', true],
  ['/a/b', '/%61/b', true],
  ['/a/b', '/a%2Fb', false],
  ['/a', '/a%zz', false],
  ['/a*', '/a%zz', true],
  ['/a', 'http://example.org/a?b', true],
  ['/', 'http://example.org', true],
  [/\.css$/gi, '/a.CSS', true],
  [/\.css$/gi, '/a.css?x', true],
  [/^\/b/y, '/a/b', false],
];

const requestOf = (properties: Record<string, string>) => properties as object as IncomingMessage;

it.each(PATTERNS)('%s and %s: %s', (pattern, url, isExcluded) => {
  const excludedBy = excludeMatcher(['/never', pattern])!;
  // Twice: a pattern has no memory.
  for (let i = 0; i < 2; i++) expect(excludedBy(requestOf({ url }))).toBe(isExcluded ? String(pattern) : undefined);
});

it('looks at the whole path, mounted wherever', () => {
  const excludedBy = excludeMatcher(['/api/health'])!;
  expect(excludedBy(requestOf({ url: '/health', baseUrl: '/api', originalUrl: '/old' }))).toBe('/api/health');
  expect(excludedBy(requestOf({ url: '/health', originalUrl: '/api/health' }))).toBe('/api/health');
});

@Controller('assets')
class AssetsController {
  @Get('plain')
  plain() {
    return 'without';
  }

  @Get('curious')
  curious(@Session() session: SessionObject<Marked>) {
    return session.mark;
  }
}

describe.each(PLATFORMS)('%s', (platform) => {
  it('an excluded path has no read, and a clear error', async () => {
    const store = new MemorySessionStore();
    const find = vi.spyOn(store, 'find');
    const controllers = [MarkController, AssetsController];
    const app = await startApp({ platform, controllers, sessions: { store, exclude: ['/assets/*'] } });
    const browser = app.client();
    const cookie = `id=${'A'.repeat(59)}`;
    expect(await browser.get('/assets/plain', { headers: { cookie } })).toMatchObject({ status: 200, body: 'without' });
    expect((await browser.get('/assets/curious', { headers: { cookie } })).status).toBe(500);
    expect(find).not.toHaveBeenCalled();
    expect(app.log.lines).toEqual([expect.stringMatching(/`exclude` has '\/assets\/\*'.*Narrow the pattern/)]);
    expect((await browser.get('/mark', { headers: { cookie } })).status).toBe(200);
    expect(find).toHaveBeenCalledOnce();
  });
});
