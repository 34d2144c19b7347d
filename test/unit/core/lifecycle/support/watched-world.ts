// Sessions that are watched, in a world whose looks at them are counted and may be held up.
import { expect } from 'vitest';
import type { SessionEnd } from '../../../../../lib/core/lifecycle/session-ends.js';
import type { SessionOptions } from '../../../../../lib/core/options/session-options.js';
import { BaseSession } from '../../../../../lib/core/session/session.js';
import type { PeekedSession } from '../../../../../lib/core/store/watchable-store.interface.js';
import { addPorts, type ObservedStore } from '../../../../support/core/observed-store.js';
import { anotherProcess } from '../../../../support/core/processes.js';
import { type AnySession, type Browser, World } from '../../../../support/core/world.js';

export const SECOND = 1000;
export const HANDLE = 'ab'.repeat(12);

/** The looks at watched sessions. */
class Looks {
  /** How many handles each asked for. */
  readonly sizes: number[] = [];
  before: () => unknown = () => {};
  after: () => unknown = () => {};

  observe(store: ObservedStore): void {
    addPorts(store);
    const peek = async (handles: readonly string[]): Promise<PeekedSession[]> => {
      this.sizes.push(handles.length);
      await this.before();
      const found = await store.memory.peek(handles);
      await this.after();
      return found;
    };
    Object.assign(store, { peek });
  }
}

export class WatchedWorld extends World {
  readonly looks: Looks;

  constructor(options: SessionOptions = {}, looks = new Looks()) {
    super(options, (store) => looks.observe(store));
    this.looks = looks;
  }

  watch(session: AnySession | string): Heard {
    const heard = new Heard();
    const { ends } = this.registration.context;
    const start = ends.watch(BaseSession.stateOf(session) ?? (session as string));
    heard.stop = start({ ended: (end) => heard.ends.push(end), closed: () => (heard.isClosed = true) });
    return heard;
  }

  /** The session of a browser, watched in a request that is over. */
  async watchSessionOf(browser: Browser): Promise<Heard> {
    const visit = await browser.begin();
    const heard = this.watch(visit.session);
    await visit.end();
    return heard;
  }

  /** So much later, and all done that has become due. */
  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await turns();
  }
}

/** What a listener was told. */
export class Heard {
  readonly ends: SessionEnd[] = [];
  isClosed = false;
  stop = () => {};

  get whys(): string[] {
    return this.ends.map(({ why }) => why);
  }
}

export async function turns(count = 60): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** A session of a user, watched in one process; the other one has its own browser of the same session. */
export async function twoProcesses(options: SessionOptions = {}) {
  const world = new WatchedWorld(options);
  const browser = world.browser();
  await browser.visit((session) => session.login('ada'));
  const other = anotherProcess(world, options, addPorts);
  const elsewhere = other.browser(browser.cookie);
  const heard = await world.watchSessionOf(browser);
  await turns();
  expect(heard.ends).toEqual([]);
  return { world, browser, elsewhere, heard, handle: browser.handle };
}
