// A process that is killed by the system while it takes over a session and logs its user out: another one goes on.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/http.js';
import { isProof } from '../../support/proof-out.js';
import { transpileTo } from '../../support/transpiled-app.js';
import { oldSession } from '../../http/moving-in/support/old-sessions.js';
import { MoverProcess, NEW_SESSIONS, OLD_SESSIONS, SEALED } from './support/mover-process.js';

const PROGRAM = 'test/ladder/moving/app/move.main.ts';
const SUPPORT = ['test/ladder/moving/support/mover-process.ts', 'test/support/core/fake-exchange.ts'];
const { client, db, uri } = testDatabase();
const originals = db.collection(OLD_SESSIONS);
const sessions = db.collection(NEW_SESSIONS);
const folder = join(import.meta.dirname, '../../../.cache', `moving-killed-${process.pid}`);

/**
 * Before the look at the new session, the read of the original (or of its marker), the insert, the removal of the original (or the
 * insert of its marker), the read of the user's stamp; in the logout, before the removal, and before the tombstone. Then it is done.
 */
const CALLS = 7;
// The shorter selection: with nothing done, between insert and removal, between removal and opening, in the logout, and after it.
const STOPS = isProof ? Array.from({ length: CALLS + 1 }, (_, at) => at) : [2, 3, 4, 6, CALLS];

/** Runs the request until its call of that number, and kills its process there. */
async function killAt(at: number, cookie: string): Promise<unknown> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, MONGO_URI: uri, STOP_AT: String(at), COOKIE: cookie };
  const child = fork(join(folder, PROGRAM.replace(/\.ts$/, '.js')), { env });
  const exit = once(child, 'exit');
  const [said] = (await Promise.race([once(child, 'message'), exit])) as unknown[];
  child.kill('SIGKILL');
  await exit;
  return said;
}

beforeAll(() => transpileTo(folder, PROGRAM, ...SUPPORT));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['in a collection', async () => `connect.sid=${(await oldSession(originals, { cart: 'tea', user: 'ada' })).cookie}`],
  ['in its cookie', async () => `sealed=${SEALED}${Math.random()}`],
] as const)('a process that is killed with SIGKILL while it moves a session %s and logs its user out', (_, begin) => {
  let killed: { at: number; cookie: string; said: unknown }[];
  // All at the same time: each is mostly the start of a process.
  beforeAll(async () => {
    const kill = async (at: number) => {
      const cookie = await begin();
      return { at, cookie, said: await killAt(at, cookie) };
    };
    killed = await Promise.all(STOPS.map(kill));
  });

  test.each(STOPS)('before its call number %d leaves a state from which another process goes on', async (stop) => {
    const { cookie, said } = killed.find(({ at }) => at === stop)!;
    const hasEnded = stop === CALLS;
    expect(said).toBe(hasEnded ? 'done' : 'stopped');
    const other = new MoverProcess({ client, dbName: db.databaseName });
    const open = { isNew: false, cart: 'tea', userId: 'ada' };
    const anonymous = { isNew: true, cart: undefined, userId: undefined };
    for (let n = 0; n < 2; n++) expect(await other.visit(cookie)).toEqual(hasEnded ? anonymous : open);
    await other.visit(cookie, (session) => session.logout());
    const after = await Promise.all(Array.from({ length: 20 }, () => other.visit(cookie)));
    expect(new Set(after.map(({ isNew }) => isNew))).toEqual(new Set([true]));
  });

  test('leaves no original, and nothing but tombstones', async () => {
    expect(await originals.countDocuments()).toBe(0);
    expect(await sessions.countDocuments({ epoch: { $ne: -1 } })).toBe(0);
    expect(await sessions.countDocuments()).toBeGreaterThanOrEqual(STOPS.length);
  });
});
