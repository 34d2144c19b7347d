// Requests of one session in several processes, which share a store and nothing else.
import { expect } from 'vitest';
import { type AnySession, World } from './world.js';

/** What a verb was refused with, without the framework's wrapping. */
export const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: { cause: unknown }) => error.cause,
  );

/** Another process: the same store, and a queue of its own. */
export function anotherProcess(world: World, ...given: ConstructorParameters<typeof World>): World {
  const [options, prepare] = given;
  const other = new World({ ...options, clock: world.clock }, prepare);
  Object.defineProperty(other.store, 'memory', { value: world.store.memory });
  return other;
}

/** A request of a session that has 1 in `n`, begun before another process makes it 2. */
export async function overtaken(
  given: Record<string, unknown> = { n: 1 },
  by: (session: AnySession) => unknown = (it) => it.increment('n'),
) {
  const world = new World();
  const browser = await world.browserWith(given);
  const visit = await browser.begin();
  await anotherProcess(world).browser(browser.cookie).visit(by);
  world.store.takeCalls();
  return { world, browser, visit, session: visit.session };
}
