import { type Clock, systemClock } from '../clock.interface.js';
import { resolveCookie } from './resolve-cookie.js';
import {
  booleanAt,
  durationAt,
  integerAt,
  nameAt,
  objectAt,
  oneOf,
  optionError,
  refuseUnknown,
  textAt,
  withDefaults,
} from '../option-checks.js';
import { MAX_SESSIONS } from '../session/operation-checks.js';
import type { ResolvedOptions, SourceOptions } from './resolved-options.interface.js';
import { MAX_DOCUMENT_BYTES } from '../data/data-bounds.js';
import { MAX_DEPTH } from '../data/stored-values.js';
import { resolveEncryption } from '../encryption/resolve-encryption.js';
import { resolveDevices } from './resolve-devices.js';
import { resolveSockets } from './resolve-sockets.js';
import { refuseInverted } from './refuse-inverted.js';
import { resolveMovingIn } from './resolve-moving-in.js';
import { resolvePermanent } from './resolve-permanent.js';
import { resolveRequestSession } from './resolve-request-session.js';
import { resolveWatch } from './resolve-watch.js';
import { resolveSecrets, resolveTransport } from './resolve-transport.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { SessionOptions } from './session-options.js';
import type { UserLoader } from './user-loader.js';
import { type ProfileLimits, SESSION_PROFILES, type SessionProfile } from './session-profiles.js';

const SOURCES = ['connectionName', 'connection', 'client', 'db', 'uri', 'store'] as const;

/** No class fields, for they have no default. */
const WITHOUT_DEFAULT = [
  'collection',
  ...SOURCES,
  'dbName',
  'clock',
  'profile',
  'renewAfter',
  'encryption',
  'maxSessions',
  'loadUser',
];

/**
 * An atomic operation sends a value as it was beside what it becomes, and both have to fit into
 * what MongoDB takes. The rest needs a little of that.
 */
const MAX_SIZE = MAX_DOCUMENT_BYTES / 2 - 16 * 1024;

/**
 * Fills in the defaults and refuses what can't work, before the app starts. Never changes its
 * input.
 */
export function resolveOptions(given: SessionOptions): ResolvedOptions {
  const defaults = new SessionOptions();
  refuseUnknown('', given, [...Object.keys(defaults), ...WITHOUT_DEFAULT]);
  const profile = profileAt(given.profile);
  const options = withDefaults({ ...defaults, ...profile }, given);
  const name = nameAt('name', options.name);
  const source = sourceOf(options);
  const clock = clockAt(options.clock);
  const tokenHeader = resolveTransport(options.transport);
  const resolved: ResolvedOptions = {
    name,
    idleTimeout: durationAt('idleTimeout', options.idleTimeout),
    absoluteTimeout: durationAt('absoluteTimeout', options.absoluteTimeout),
    permanent: resolvePermanent(options.permanent, profile),
    renewAfter: options.renewAfter === undefined ? undefined : durationAt('renewAfter', options.renewAfter),
    renewGrace: durationAt('renewGrace', options.renewGrace),
    secrets: resolveSecrets(options.secrets),
    tokenHeader,
    encryption: resolveEncryption(options.encryption),
    cookie: resolveCookie(objectAt('cookie', options.cookie), name),
    exclude: excludeAt(options.exclude),
    maxSize: integerAt('maxSize', options.maxSize, 64, MAX_SIZE),
    maxKeys: integerAt('maxKeys', options.maxKeys, 1, 1_000_000),
    maxDepth: integerAt('maxDepth', options.maxDepth, 1, MAX_DEPTH),
    maxCookieHeader: integerAt('maxCookieHeader', options.maxCookieHeader, 128, 1024 * 1024),
    timeoutMs: integerAt('timeoutMs', options.timeoutMs, 1, 2 ** 31 - 1),
    onReusedToken: oneOf('onReusedToken', options.onReusedToken, ['ignore', 'end']),
    onInterrupted: oneOf('onInterrupted', options.onInterrupted, ['drop', 'throw']),
    maxSessions:
      options.maxSessions === undefined ? undefined : integerAt('maxSessions', options.maxSessions, 1, MAX_SESSIONS),
    onMaxSessions: oneOf('onMaxSessions', options.onMaxSessions, ['endIdlest', 'endOldest', 'refuse']),
    indexes: oneOf('indexes', options.indexes, ['ensure', 'check', 'off']),
    failFast: booleanAt('failFast', options.failFast),
    devices: resolveDevices(options.devices),
    cleanup: oneOf('cleanup', options.cleanup, ['ttl', 'sweep', 'off']),
    watch: resolveWatch(options.watch),
    sockets: resolveSockets(given.sockets === undefined ? {} : given.sockets, tokenHeader),
    requestSession: resolveRequestSession(options.requestSession),
    read: oneOf('read', options.read, ['eager', 'on-demand']),
    ambient: booleanAt('ambient', options.ambient),
    loadUser: loadUserAt(options.loadUser),
    movingIn: resolveMovingIn(options.movingIn, tokenHeader, clock.now()),
    clock,
    source: () => source,
  };
  if (resolved.requestSession.storeEmpty === true && resolved.read === 'on-demand') {
    const fix =
      "Every request would store a session, and 'on-demand' reads none before it is asked for. Use 'when-named'.";
    throw optionError('requestSession.storeEmpty', true, fix);
  }
  refuseInverted('idleTimeout', resolved.idleTimeout, 'absoluteTimeout', resolved.absoluteTimeout);
  if (resolved.renewAfter !== undefined) {
    refuseInverted('renewGrace', resolved.renewGrace, 'idleTimeout', resolved.idleTimeout);
    // A second renewal would shorten the grace of the first.
    refuseInverted('renewGrace', resolved.renewGrace, 'renewAfter', resolved.renewAfter);
  }
  return Object.freeze(resolved);
}

function profileAt(given: unknown): ProfileLimits | undefined {
  if (given === undefined) return undefined;
  return SESSION_PROFILES[oneOf('profile', given, Object.keys(SESSION_PROFILES) as SessionProfile[])];
}

function excludeAt(given: unknown): readonly (string | RegExp)[] {
  if (!Array.isArray(given))
    throw optionError('exclude', given, "Give an array of paths, such as ['/assets/*', /^\\/probe/].");
  const wrong = given.findIndex(
    (path) => !(path instanceof RegExp) && !(typeof path === 'string' && path.startsWith('/')),
  );
  if (wrong !== -1) {
    const fix = "A path starts with '/' and may contain '*'; or give a RegExp.";
    throw optionError(`exclude[${wrong}]`, given[wrong], fix);
  }
  return [...(given as (string | RegExp)[])];
}

function loadUserAt(given: UserLoader | undefined): UserLoader | undefined {
  if (given === undefined || typeof given === 'function') return given;
  throw optionError(
    'loadUser',
    given,
    'Give a function that takes the id of a user, and returns or resolves with the user.',
  );
}

function clockAt(given: Clock | undefined): Clock {
  if (given === undefined) return systemClock;
  const fix = 'Give an object with a method `now()` that returns milliseconds since 1970.';
  if (typeof given?.now !== 'function') throw optionError('clock', given, fix);
  const now: unknown = given.now();
  // With any other value no comparison would hold, and no session would ever expire.
  if (!Number.isFinite(now)) throw optionError('clock.now()', now, fix);
  return given;
}

function sourceOf(options: SessionOptions): SourceOptions {
  const given = SOURCES.filter((source) => options[source] !== undefined);
  if (given.length > 1) {
    const names = given.map((source) => `\`${source}\``).join(' and ');
    throw optionError(
      given[1]!,
      options[given[1]!],
      `${names} are given together, but sessions have one place. Keep one of them.`,
    );
  }
  const { collection, dbName, store } = options;
  if (store === undefined) refuseCollection(collection, given[0]);
  if (store !== undefined && collection !== undefined)
    throw optionError('collection', collection, 'A `store` has its own place: leave it out.');
  if (dbName !== undefined && given[0] !== 'client' && given[0] !== 'uri') {
    throw optionError(
      'dbName',
      dbName,
      'It goes with `client` or `uri`; a connection or `db` has its database already.',
    );
  }
  checkSource(options);
  const { connectionName, connection, client, db, uri } = options;
  return withDefaults<SourceOptions>({}, {
    collection,
    connectionName,
    connection,
    client,
    db,
    uri,
    dbName,
    store,
  } as SourceOptions);
}

/** As far as it is known without the driver: connection-source.ts checks the objects. */
function checkSource(options: SessionOptions): void {
  const { connectionName, uri, dbName, store } = options;
  const isAddress = (text: string) => /^mongodb(\+srv)?:\/\/./.test(text);
  const isName = (text: string) => text !== '';
  if (uri !== undefined) textAt('uri', uri, isAddress, "Give an address such as 'mongodb://host:27017/shop'.");
  if (dbName !== undefined) textAt('dbName', dbName, isName, "Give the name of a database, such as 'shop'.");
  if (connectionName !== undefined)
    textAt('connectionName', connectionName, isName, 'Give the name that `MongooseModule.forRoot` was given.');
  if (store !== undefined && typeof (store as Partial<SessionStore> | null)?.find !== 'function')
    throw optionError('store', store, 'Give an object that implements `SessionStore`.');
}

function refuseCollection(collection: unknown, source: string | undefined): void {
  if (typeof collection === 'string') {
    // MongoDB would take an address as a name.
    if (/^(?!\.|system\.|.*\.system\.|.*:\/\/)[^$\0]{1,200}$/s.test(collection)) return;
    throw optionError(
      'collection',
      collection,
      "Give a name without '$' and 'system.' that does not start with a dot, such as 'sessions'.",
    );
  }
  if (typeof collection !== 'object' || collection === null) {
    throw optionError(
      'collection',
      collection,
      "Give the name of a collection, such as 'sessions', or a collection of the driver.",
    );
  }
  if (source !== undefined) {
    throw optionError(
      'collection',
      collection,
      `A collection object has its database already: give its name with \`${source}\`, or leave \`${source}\` out.`,
    );
  }
}
