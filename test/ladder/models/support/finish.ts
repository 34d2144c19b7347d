// What the model makes of a request that comes to its end.
import { type Data, type Model, type ModelSession, type ModelToken, same } from './model.js';
import type { Step } from './steps.js';

export interface Finished {
  readonly browser: number;
  /** Whether the request brought a token, of a session or of none. */
  readonly hasSentToken: boolean;
  readonly token: ModelToken | undefined;
  readonly view: Data;
  readonly step: Step;
}

/** Carries it out; returns the status of its answer. */
export function finish(model: Model, finished: Finished): number {
  const { browser, hasSentToken, token, view, step } = finished;
  if (step.kind === 'logout') {
    if (token) model.sessions.delete(token.handle);
    if (hasSentToken) model.jars[browser] = undefined;
    return 200;
  }
  const session = token && model.sessions.get(token.handle);
  if (!token) return beginAnew(model, finished);
  if (!session || session.epoch !== token.epoch) return comeTooLate(model, finished);
  const local: Data = { ...view };
  step.change?.(local, view);
  if (step.kind === 'secret') {
    model.jars[browser] = newSecret(model, session, step);
    keepOnly(local, step.keep!);
  } else if (step.kind === 'atomic') step.change!(session.data, view);
  else apply(session.data, view, local);
  if (Object.keys(local).length > 0 || session.user !== undefined) {
    if (model.touchIsDue(session)) session.usedAt = model.now;
  } else if (Object.keys(session.data).length === 0 && !staysEmpty(finished)) {
    model.sessions.delete(session.handle);
    model.jars[browser] = undefined;
  }
  return 200;
}

/** A session that a request empties is removed. One that was empty before stays, unless all of it is given up. */
function staysEmpty({ view, step: { kind, keep } }: Finished): boolean {
  const isGivenUp = kind === 'secret' && keep !== true && keep!.length === 0;
  return Object.keys(view).length === 0 && !isGivenUp;
}

/** There was no session: one begins, if there is something to keep. */
function beginAnew(model: Model, { browser, step }: Finished): number {
  const data: Data = {};
  step.change?.(data, {});
  if (Object.keys(data).length > 0 || step.user !== undefined) model.jars[browser] = model.begin(data, step.user);
  return 200;
}

/** The session has ended meanwhile, or another has taken it over. */
function comeTooLate(model: Model, finished: Finished): number {
  const { view, step } = finished;
  if (step.kind === 'atomic') return 409;
  if (step.kind === 'secret') return step.keep === true || step.keep!.length > 0 ? 409 : beginAnew(model, finished);
  const local: Data = { ...view };
  step.change?.(local, view);
  return apply({}, view, local) ? 409 : 200;
}

function newSecret(model: Model, session: ModelSession, { keep, user }: Step): ModelToken {
  const isFresh = keep !== true && keep!.length === 0;
  keepOnly(session.data, keep!);
  if (isFresh || user !== undefined) session.begunAt = model.now;
  if (isFresh) session.user = undefined;
  session.user = user ?? session.user;
  return model.renew(session);
}

function keepOnly(data: Data, keep: true | readonly string[]): void {
  for (const key of Object.keys(data)) if (keep !== true && !keep.includes(key)) delete data[key];
}

/** What has changed between two states, and nothing else; says whether there was any. */
function apply(data: Data, before: Data, after: Data): boolean {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !same(before[key], after[key]),
  );
  for (const key of changed) {
    if (key in after) data[key] = after[key];
    else delete data[key];
  }
  return changed.length > 0;
}
