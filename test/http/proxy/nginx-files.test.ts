// A real nginx that sends files for the app, by `X-Accel-Redirect`: not for a response that could not be given.
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../../support/http-client.js';
import { PLATFORMS, takeRaw } from '../../support/http.js';
import { HAS_NGINX, startNginx } from '../../support/nginx.js';
import { type Handle, startWith } from '../../support/world.js';

beforeEach((context) => context.skip(!HAS_NGINX, 'there is no nginx: apt-get install nginx'));

const counting: Handle = ({ session }) => void (session['a'] = (session['a'] as number) + 1);

describe.each(PLATFORMS)('a file that nginx sends, on %s', (platform) => {
  test.each(['act', 'raw'] as const)('is sent only if the change was saved, by a handler of kind %s', async (kind) => {
    const { world, browser } = await startWith(platform);
    const folder = await mkdtemp(join(tmpdir(), 'nms-files-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    writeFileSync(join(folder, 'paid.txt'), 'paid content');
    const locations = `location / { proxy_pass http://app; } location /files/ { internal; alias ${folder}/; }`;
    const { http } = await startNginx(locations, world.app.origin);
    const through = new HttpClient(`http://127.0.0.1:${http}`, browser.jar);
    onTestFinished(() => through.close());
    const path = world.route((visit) => {
      counting(visit);
      if (kind === 'act') {
        visit.response.header('X-Accel-Redirect', '/files/paid.txt');
      } else {
        const raw = takeRaw(visit.response);
        raw.setHeader('X-Accel-Redirect', '/files/paid.txt');
        raw.end();
      }
    }, kind);
    expect((await through.get(path)).body).toBe('paid content');
    world.store.fail('update');
    const failed = await through.get(path);
    expect([failed.status, JSON.parse(failed.body)]).toEqual([
      503,
      expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' }),
    ]);
  });

  test.each(['X-Accel-Redirect', 'X-Sendfile', 'X-Lighttpd-Send-File', 'X-Reproxy-URL', 'X-Reproxy-File'])(
    'is not named by %s of a failure',
    async (name) => {
      const { world, browser } = await startWith(platform);
      world.store.fail('update');
      const reply = await world.visit(browser, (visit) => {
        visit.response.header(name, '/paid.txt');
        counting(visit);
      });
      expect(reply.status).toBe(503);
      expect(reply.headers).not.toHaveProperty(name.toLowerCase());
    },
  );
});
