import { SessionError } from '../core/errors.js';
import type { SessionManager } from '../core/lifecycle/session-manager.js';
import { completeOnExpress, mountFinalErrorHandler, mountOnExpress } from './express/express.bridge.js';
import { completeOnFastify, decorateRequest, mountOnFastify } from './fastify/fastify.bridge.js';
import type { HttpAdapter } from './http-adapter.interface.js';
import type { ErrorConverter } from './node-exchange.js';
import { type LoadSessions, createSessionLoader } from './session-loader.js';
import { DEFAULT_NAME } from './request-sessions.js';

/** All registrations on one adapter. They are opened one after the other, in one place. */
interface Mount {
  readonly managers: SessionManager[];
  open: LoadSessions;
}

const mounts = new WeakMap<HttpAdapter, Mount>();

/**
 * Mounts a registration on the adapter, before main.ts and the body parsers come to it: so middleware,
 * exception filters and routes outside of a global prefix have their session. Done once, however often called.
 */
export function mountEarly(adapter: HttpAdapter, manager: SessionManager, convertError: ErrorConverter): void {
  const mount = mounts.get(adapter);
  if (mount?.managers.includes(manager)) return;
  for (const other of mount?.managers ?? []) refuseClash(manager, other);
  const isFastify = adapter.getType() === 'fastify';
  if (!isFastify && adapter.getType() !== 'express') {
    throw optionError(`The HTTP adapter '${adapter.getType()}' is not known. Use the one of Express or of Fastify.`);
  }
  const isDefault = manager.options.name === DEFAULT_NAME;
  if (isFastify && isDefault) decorateRequest(adapter);
  // On Express another session library of main.ts can take request.session of a registration with a name.
  const open = createSessionLoader(manager, convertError, isFastify || isDefault);
  if (mount) {
    mount.open = inTurn(mount.open, open);
    mount.managers.push(manager);
    return;
  }
  const created: Mount = { managers: [manager], open };
  mounts.set(adapter, created);
  const openAll: LoadSessions = (request, response, next, platform) => created.open(request, response, next, platform);
  if (isFastify) mountOnFastify(adapter, openAll);
  else mountOnExpress(adapter, openAll);
}

/** Adds what has to come behind main.ts. Called after `mountEarly`. */
export function completeMounting(adapter: HttpAdapter, manager: SessionManager): void {
  const { managers } = mounts.get(adapter)!;
  if (managers[0] !== manager) return;
  const hasDefault = managers.some(({ options }) => options.name === DEFAULT_NAME);
  if (adapter.getType() === 'fastify') completeOnFastify(adapter, hasDefault);
  else completeOnExpress(adapter, hasDefault);
}

/** Adds what has to come behind everything else. */
export function completeRouting(adapter: HttpAdapter, manager: SessionManager): void {
  const isFirst = mounts.get(adapter)?.managers[0] === manager;
  if (isFirst && adapter.getType() === 'express') mountFinalErrorHandler(adapter, manager.hooks.log);
}

function inTurn(first: LoadSessions, second: LoadSessions): LoadSessions {
  return (request, response, next, platform) => {
    const goOn = (error?: unknown) => (error === undefined ? second(request, response, next, platform) : next(error));
    first(request, response, goOn, platform);
  };
}

function refuseClash({ options }: SessionManager, { options: other }: SessionManager): void {
  if (options.name === other.name) {
    throw optionError(
      `MongoSessionsModule: two registrations in one app have the name '${options.name}'. Give each a \`name\` of its own.`,
    );
  }
  const clash = [options.cookie.plainName, options.cookie.secureName].find(
    (cookie) => cookie === other.cookie.plainName || cookie === other.cookie.secureName,
  );
  if (clash === undefined) return;
  throw optionError(
    `MongoSessionsModule: the registrations '${other.name}' and '${options.name}' both have the cookie '${clash}'. ` +
      'Give each a `cookie.name` of its own.',
  );
}

function optionError(message: string): SessionError {
  return new SessionError('SESSION_OPTION_INVALID', message);
}
