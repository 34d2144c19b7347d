// A real app behind a bad network, twice: one that waits, and one whose deadline is short.
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type SessionEvent, SessionEvents } from '../../../../lib/index.js';
import { type FailCommand, failCommand, type Platform, sharedApp, type TestApp } from '../../../support/http.js';
import { testDatabase } from '../../../support/http.js';
import { TestClock } from '../../../../lib/testing/index.js';
import type { SessionDocument } from '../../../../lib/mongo/documents/session-document.interface.js';
import { proxyTo } from '../../../support/fault-proxy/proxy-to.js';
import { FaultController } from './fault.controller.js';
import { HASTY_MS, type Trouble } from './troubles.js';

const POOL = 4;
/** To each server of a client's: one connection listens to it, one measures the way. */
const MONITORS = 2;

/** Call it at the top of a `describe`. */
export function faultApp(platform: Platform) {
  const database = testDatabase();
  // What comes back is seen soon; the driver's own half second would only make the tests slower.
  const proxy = proxyTo(database, { minHeartbeatFrequencyMS: '50', maxPoolSize: `${POOL}` });
  beforeAll(() => proxy.open());
  afterAll(async () => {
    // The hooks of the apps have run.
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });
  const sessions = () => database.db.collection<SessionDocument>('sessions');
  const clock = new TestClock();
  const times = { idleTimeout: '11h', absoluteTimeout: '12h', renewAfter: '5m' } as const;
  const appWith = (timeoutMs: number) =>
    sharedApp(() => ({
      platform,
      sessions: { uri: proxy.uri, collection: 'sessions', indexes: 'off', timeoutMs, clock, ...times },
      controllers: [FaultController],
    }));
  const apps = { patient: appWith(10_000), hasty: appWith(HASTY_MS) };
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  beforeAll(() => void process.on('warning', onWarning));
  afterAll(() => {
    process.off('warning', onWarning);
    // Such as the one of a listener too many.
    expect(warnings).toEqual([]);
  });

  let endOfFailpoint: (() => Promise<void>) | undefined;
  let isAway = false;
  const end = async () => {
    proxy.set(undefined);
    if (isAway) await proxy.open();
    isAway = false;
    await endOfFailpoint?.();
    endOfFailpoint = undefined;
  };
  afterEach(end);

  return {
    clock,
    app: (isHasty = false): TestApp => apps[isHasty ? 'hasty' : 'patient'](),
    /** By its handle, or the only one. */
    document: (handle?: string) =>
      sessions().findOne(handle === undefined ? {} : { _id: mongoose.mongo.ObjectId.createFromHexString(handle) }),
    // Nest has one logger a process, that of the app which came last.
    log: () => Object.values(apps).flatMap((app) => app().log.lines),
    forgetLog: () => {
      for (const app of Object.values(apps)) app().log.lines.length = 0;
    },
    forgetAll: () => sessions().deleteMany(),
    async begin({ network, meetsAll, server }: Trouble, command: string): Promise<void> {
      if (network === 'away') {
        isAway = true;
        await proxy.close();
      } else if (network) {
        proxy.set(meetsAll ? network : { ...network, commands: [command] });
      }
      if (server) {
        const data: FailCommand = { ...server, failCommands: [command] };
        endOfFailpoint = await failCommand(database.client, data);
      }
    },
    end,
    strikes: () => proxy.strikes,
    /** Both apps' connections are no more than their pools allow. */
    expectNoLeak: () => expect(proxy.connections).toBeLessThanOrEqual(2 * (POOL + MONITORS)),
  };
}

/** The events of an app while `work` runs. */
export async function eventsDuring<T>(app: TestApp, work: () => Promise<T>): Promise<[T, SessionEvent[]]> {
  const events: SessionEvent[] = [];
  const subscription = app.nest.get(SessionEvents).subscribe((event) => events.push(event));
  try {
    return [await work(), events];
  } finally {
    subscription.unsubscribe();
  }
}
