// A process that is killed in the middle of a login, by the system: what it leaves is never one session more, and frees itself.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../lib/core/request/registration.js';
import { createLoginProtocol } from '../../../lib/core/users/login-protocol.js';
import { TestClock } from '../../../lib/testing/index.js';
import { Browser, MINUTE } from '../../support/core/world.js';
import { testDatabase } from '../../support/http.js';
import { mongoStore } from '../../support/store/mongo-store.js';
import { isProof } from '../../support/proof-out.js';
import { transpileTo } from '../../support/transpiled-app.js';
import type { UserStore } from './support/stepped-users.js';

const PROGRAM = 'test/ladder/users/app/login.main.ts';
const LIMIT = 2;
const { db, uri } = testDatabase();
const { store: mongo, codec } = mongoStore({ db, collection: 'sessions' });
const store = mongo as typeof mongo & UserStore;
const folder = join(import.meta.dirname, '../../../.cache', `killed-${process.pid}`);

beforeAll(() => transpileTo(folder, PROGRAM));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a login until its call of that number, and kills the process there. */
async function killAt(at: number, userId: string): Promise<unknown> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, MONGO_URI: uri, STOP_AT: String(at), USER: userId, LIMIT: String(LIMIT) };
  const child = fork(join(folder, PROGRAM.replace(/\.ts$/, '.js')), { env });
  const exit = once(child, 'exit');
  const [said] = (await Promise.race([once(child, 'message'), exit])) as unknown[];
  child.kill('SIGKILL');
  await exit;
  return said;
}

describe('a process that is killed with SIGKILL before a call of its login', () => {
  // Six calls end one session and seat another; there is no seventh. The shorter selection: after the write, and after the victim.
  test.each(isProof ? [0, 1, 2, 3, 4, 5, 6] : [2, 4])(
    'number %d leaves room for the next login, and never one session more',
    async (at) => {
      const clock = new TestClock();
      const options = resolveOptions({ store, clock, maxSessions: LIMIT });
      const hooks = { emit() {}, log: { warn() {}, error() {} } };
      const registration = new Registration(options, store, codec, hooks, createLoginProtocol);
      const userId = `user ${at}`;
      const browsers: Browser[] = [];
      const logIn = async () => {
        const browser = new Browser({ registration }, undefined);
        await browser.visit((session) => session.login(userId));
        browsers.push(browser);
        clock.advance(1000);
      };
      const living = async () => {
        const handles = await store.handlesOf(userId, undefined, 100);
        return browsers.filter(({ handle }) => handles.includes(handle));
      };
      for (let n = 0; n < LIMIT; n++) await logIn();

      expect(await killAt(at, userId)).toBe(at < 6 ? 'stopped' : 'done');

      expect((await living()).length).toBe(at < 4 ? LIMIT : LIMIT - 1);
      await logIn();
      expect((await living()).length).toBeLessThanOrEqual(LIMIT);
      expect(await living()).toContain(browsers.at(-1));
      clock.advance(31 * MINUTE);
      for (let n = 0; n < LIMIT; n++) await logIn();
      expect(await living()).toEqual(browsers.slice(-LIMIT));
    },
  );
});
