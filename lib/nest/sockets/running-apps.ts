import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import type { Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { SessionError } from '../../core/errors.js';
import type { Registration } from '../../core/request/registration.js';
import { type MessageHandler, markMessages } from './message-of.js';

/** An app with sessions, as far as its sockets have to know it. */
export interface RunningApp {
  readonly registrations: Registration[];
  readonly modules: ModulesContainer;
  readonly adapterHost: HttpAdapterHost;
}

/** The part of Nest's WebSocketAdapter that is used here. */
interface IoAdapter {
  bindClientConnect(server: unknown, callback: (...args: unknown[]) => void): unknown;
  bindMessageHandlers(client: unknown, handlers: readonly MessageHandler[], ...rest: unknown[]): unknown;
}

const apps = new WeakMap<ApplicationConfig, RunningApp>();
const running = new Set<RunningApp>();
/** Of sockets that a gateway's server has accepted. */
const acceptedBy = new WeakMap<object, RunningApp>();
/**
 * The requests that have opened sockets, where nobody else knows them: ws hands its own over here,
 * and keeps no reference to it.
 */
export const handshakes = new WeakMap<object, IncomingMessage>();
const observedAdapters = new WeakSet<object>();

/**
 * Adds a registration to its app. Its gateways must not have been connected to their servers yet.
 */
export function addRegistration(
  config: ApplicationConfig,
  place: Pick<RunningApp, 'modules' | 'adapterHost'>,
  added: Registration,
): void {
  const found = apps.get(config);
  if (found) return void found.registrations.push(added);
  const app: RunningApp = { registrations: [added], ...place };
  apps.set(config, app);
  observeSockets(config, app);
}

export function noteStart(config: ApplicationConfig): void {
  running.add(apps.get(config)!);
}

export function noteShutdown(config: ApplicationConfig): void {
  running.delete(apps.get(config)!);
}

/** The app whose gateway has accepted the socket. */
export function appOfSocket(socket: object): RunningApp | undefined {
  return acceptedBy.get(socket);
}

export function runningRegistrations(): Registration[] {
  return [...running].flatMap(({ registrations }) => registrations);
}

/** The running app that a registration is of. */
export function appOf(registration: Registration): RunningApp | undefined {
  return [...running].find(({ registrations }) => registrations.includes(registration));
}

/**
 * The one running app whose server has accepted this handshake; undefined if none or several may
 * have.
 */
export function appOfHandshake({ socket: { localPort } }: IncomingMessage): RunningApp | undefined {
  const found = [...running].filter(({ adapterHost }) => {
    const server = adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
    const address = server?.address();
    return typeof address === 'object' && address !== null && address.port === localPort;
  });
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The one running app that has this class among its providers. Throws `SESSION_NOT_MOUNTED` if none
 * or several have.
 */
export function appOfClass(type: Type): RunningApp {
  const [found, other] = [...running].filter(({ modules }) =>
    [...modules.values()].some(({ providers }) => [...providers.values()].some(({ metatype }) => metatype === type)),
  );
  if (found && !other) return found;
  throw new SessionError('SESSION_NOT_MOUNTED', other ? SEVERAL_APPS : NO_APP);
}

const SEVERAL_APPS =
  'It is not clear which app this socket belongs to. Inject MongoSessions, and ask with `await sessions.from(context)`.';
const NO_APP =
  'No running app has both MongoSessionsModule and this handler. Import the module in the root module. If it is imported, two copies of nestjs-mongo-sessions are installed: find them with `npm ls nestjs-mongo-sessions`, and leave one.';

/**
 * A ws socket knows neither its handshake nor its app, and a gateway's port may be its own. Nest
 * gives both to the adapter when it connects a gateway, and asks the app's configuration for the
 * adapter each time; so what main.ts has chosen is seen there, and none of ours is needed.
 */
function observeSockets(config: ApplicationConfig, app: RunningApp): void {
  const getIoAdapter = config.getIoAdapter.bind(config);
  config.getIoAdapter = () => {
    const adapter = getIoAdapter();
    if (adapter) observeAdapter(adapter as IoAdapter, app);
    return adapter;
  };
}

function observeAdapter(adapter: IoAdapter, app: RunningApp): void {
  if (observedAdapters.has(adapter)) return;
  observedAdapters.add(adapter);
  const bindClientConnect = adapter.bindClientConnect.bind(adapter);
  adapter.bindClientConnect = (server, callback) =>
    bindClientConnect(server, (...args) => {
      const [socket, request] = args as [object, IncomingMessage | undefined];
      acceptedBy.set(socket, app);
      if (request) handshakes.set(socket, request);
      callback(...args);
    });
  const bindMessageHandlers = adapter.bindMessageHandlers.bind(adapter);
  adapter.bindMessageHandlers = (client, handlers, ...rest) =>
    bindMessageHandlers(client, markMessages(handlers), ...rest);
}
