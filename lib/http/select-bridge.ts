import { SessionError } from '../core/errors.js';
import type { SessionManager } from '../core/session-manager.js';
import { mountOnExpress } from './express.bridge.js';
import { entryOf } from './fastify-entry.js';
import { mountOnFastify } from './fastify.bridge.js';
import type { HttpAdapter } from './http-adapter.interface.js';
import { createSessionMiddleware, sessionOpener } from './session-middleware.js';

/** What is mounted on each adapter: one a registration. */
const registrations = new WeakMap<HttpAdapter, SessionManager[]>();

/**
 * Takes its place on the adapter, if there is one yet, before main.ts gets it: hooks that main.ts adds to Fastify come behind the sessions.
 * In a testing module there is none before that.
 */
export function reservePlace(adapter: HttpAdapter | undefined): void {
  if (adapter?.getType() === 'fastify') entryOf(adapter.getInstance() as object);
}

/** Mounts a registration on the adapter itself, so that every route has its sessions, those outside of a global prefix too. */
export function mountSessions(adapter: HttpAdapter, manager: SessionManager): void {
  const present = registrations.get(adapter) ?? [];
  for (const other of present) refuseClash(manager, other);
  const isFirst = present.length === 0;
  const type = adapter.getType();
  if (type === 'express') mountOnExpress(adapter, createSessionMiddleware(manager), isFirst);
  else if (type === 'fastify') mountOnFastify(adapter, sessionOpener(manager), isFirst, manager.options.name);
  else throw optionError(`The HTTP adapter '${type}' is not known. Use the one of Express or of Fastify.`);
  registrations.set(adapter, [...present, manager]);
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
