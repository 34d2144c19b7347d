// A real nginx that keeps responses: it gives no visitor what is another's.
import { beforeEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../../support/http-client.js';
import { PLATFORMS } from '../../support/http.js';
import { HAS_NGINX, startNginx } from '../../support/nginx.js';
import { type Handle, MINUTE, startWorld } from '../../support/world.js';

const LOCATION = 'location / { proxy_pass http://app; proxy_cache pages; proxy_cache_valid any 1m; }';
const CACHE = 'proxy_cache_path $folder/pages keys_zone=pages:1m;';

beforeEach((context) => context.skip(!HAS_NGINX, 'there is no nginx: apt-get install nginx'));

describe.each(PLATFORMS)('nginx that caches, on %s', (platform) => {
  test.each([
    ...(['cookie', { header: 'x-session-token' }] as const).flatMap((transport) =>
      ['X-Accel-Expires: 60', 'Cache-Control: public, max-age=60', ''].map((own) => [transport, own] as const),
    ),
  ])('gives nobody the token or page of another, by %j and with the header "%s"', async (transport, own) => {
    const world = await startWorld(platform, { transport, renewAfter: '1m', idleTimeout: '1h' });
    const { http } = await startNginx(LOCATION, world.app.origin, CACHE);
    const through = (jar?: HttpClient['jar']) => new HttpClient(`http://127.0.0.1:${http}`, jar);
    const [name, value] = own.split(': ');
    let count = 0;
    const withOwn =
      (handle: Handle): Handle =>
      (visit) => {
        count += 1;
        if (name) visit.response.header(name, value!);
        return handle(visit);
      };
    const tokenOf = ({ headers }: { headers: Record<string, string | string[] | undefined> }) =>
      String(headers['x-session-token'] ?? headers['set-cookie'] ?? '');

    // A session that begins, on one page.
    const begin = world.route(withOwn(({ session }) => session.login(`user ${count}`)));
    const begun = [await through().post(begin, {}), await through().get(begin), await through().get(begin)];
    expect(new Set(begun.map(tokenOf)).size).toBe(3);

    // A page that does not look at the session, at a renewal: its token is for one visitor only.
    world.clock.advance(MINUTE);
    const still = world.route(withOwn(() => 'a page'));
    const headersOf = (index: number): Record<string, string> =>
      transport === 'cookie'
        ? { cookie: tokenOf(begun[index]!).split(';')[0]! }
        : { 'x-session-token': tokenOf(begun[index]!) };
    const renewed = await through().get(still, { headers: headersOf(1) });
    expect(tokenOf(renewed)).not.toBe('');
    expect(tokenOf(await through().get(still))).toBe('');

    // A page that does.
    const personal = world.route(withOwn(({ session }) => session.userId ?? 'nobody'));
    const pages: string[] = [];
    for (const index of [1, 2, 1]) pages.push((await through().get(personal, { headers: headersOf(index) })).body);
    expect(pages).toEqual(['user 2', 'user 3', 'user 2']);
    expect((await through().get(personal)).body).toBe('nobody');
  });
});
