import { SessionError } from '../core/errors.js';

/** By name, not by class: the client may be of another copy of the driver. */
const UNREACHABLE_ERRORS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoExpiredSessionError',
  'MongoStalePrimaryError',
]);

/** What a server says that is not, or no longer, or not yet able to do it: another one will be. */
const UNAVAILABLE_CODES = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // not primary, of old servers
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

const DUPLICATE_KEY = 11000;

interface DriverError {
  readonly name: string;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly hasErrorLabel?: (label: string) => boolean;
}

/** The error of the store's contract for whatever the driver has thrown. */
export function toStoreError(action: string, error: unknown): SessionError {
  if (error instanceof SessionError) return error;
  const what = `${describe(error)} (${action})`;
  if (isUnavailable(error)) return unavailable(`MongoDB can't be reached: ${what}`, error);
  const fix =
    codeOf(error) === DUPLICATE_KEY
      ? 'the collection has a unique index that this session violates; sessions need one on _id only.'
      : 'the cause tells what the server or the driver objects to.';
  return new SessionError('SESSION_STORE_FAILED', `MongoDB refused a session's operation: ${what}; ${fix}`, {
    cause: error,
  });
}

export function unavailable(what: string, cause?: unknown): SessionError {
  return new SessionError(
    'SESSION_STORE_UNAVAILABLE',
    `${what}; check that it runs and can be reached from here. Sessions work again, without a restart, as soon as it does.`,
    cause === undefined ? {} : { cause },
  );
}

export function tooLate(action: string, timeoutMs: number): SessionError {
  return unavailable(`MongoDB has not answered within ${timeoutMs} ms (${action})`);
}

export function isUnavailable(error: unknown): boolean {
  if (error instanceof SessionError) return error.code === 'SESSION_STORE_UNAVAILABLE';
  if (!(error instanceof Error)) return false;
  const { name, syscall, hasErrorLabel } = error as DriverError;
  // A name that DNS does not know and a socket that the other end has left, among others, have no class of the driver's own.
  if (UNREACHABLE_ERRORS.has(name) || typeof syscall === 'string' || isOfSocket(codeOf(error))) return true;
  if (UNAVAILABLE_CODES.has(Number(codeOf(error)))) return true;
  return hasErrorLabel?.call(error, 'RetryableWriteError') ?? false;
}

/** Codes of the system, such as EPIPE, which Node gives to errors of its own too, and those of a stream that is no more. */
function isOfSocket(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    /^(E[A-Z]+|ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END|ERR_SOCKET_CLOSED)$/.test(code)
  );
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as DriverError).code : undefined;
}

/** Name and code only: the text of a server's error can hold values. */
function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const code = codeOf(error);
  return typeof code === 'number' || typeof code === 'string' ? `${name} ${code}` : name;
}
