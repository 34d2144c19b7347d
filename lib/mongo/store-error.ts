import type { mongo } from 'mongoose';
import { SessionError } from '../core/errors.js';
import { isAtSecondary } from './connection/client-state.js';

/** By name, not by class: the client may be of another copy of the driver. */
const NETWORK_ERRORS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClearedOnNetworkError',
]);

const UNREACHABLE_ERRORS = new Set([
  ...NETWORK_ERRORS,
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoOperationTimeoutError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoExpiredSessionError',
  'MongoStalePrimaryError',
]);

/** Server errors after which a read may be retried, by the specification of retryable reads. */
const RETRYABLE_CODES = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  89, // NetworkTimeout
  91, // ShutdownInProgress
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** Errors of a server that can't do it at the moment: another one will. */
const UNAVAILABLE_CODES = new Set([
  ...RETRYABLE_CODES,
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  133, // FailedToSatisfyReadPreference
  10058, // not primary, of old servers
]);

/** Errors of a server that has started: it may have done a part. */
const INTERRUPTED_CODES = new Set([
  24, // LockTimeout
  279, // ClientDisconnect
  290, // TransactionExceededLifetimeLimitSeconds
  11601, // Interrupted
  46841, // ClientMarkedKilled
]);

export const DUPLICATE_KEY = 11000;

interface DriverError {
  readonly name: string;
  readonly code?: unknown;
  readonly syscall?: unknown;
  hasErrorLabel?(label: string): boolean;
}

/** Converts an error of the driver into the error of the store's contract. */
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
  return new SessionError('SESSION_STORE_UNAVAILABLE', withFix(what), cause === undefined ? {} : { cause });
}

function withFix(what: string): string {
  return `${what}; check that it runs and can be reached from here. Sessions work again, without a restart, as soon as it does.`;
}

/** Throws if a direct connection has had its answer from a secondary, which may be out of date. */
export function refuseSecondary(client: mongo.MongoClient): void {
  if (!isAtSecondary(client)) return;
  throw unavailable(
    'MongoDB was asked at one member only (`directConnection`), which is not the primary now: leave that out of the address',
  );
}

/** A deadline has passed. */
export class DeadlineError extends SessionError {
  constructor(action: string, timeoutMs: number) {
    super('SESSION_STORE_UNAVAILABLE', withFix(`MongoDB has not answered within ${timeoutMs} ms (${action})`));
  }
}

/** Why an attempt was given up. Callers never see it, because another attempt follows. */
export class SilentConnectionError extends Error {
  override readonly name = 'SilentConnectionError';
}

export function isUnavailable(error: unknown): boolean {
  if (error instanceof SessionError) return error.code === 'SESSION_STORE_UNAVAILABLE';
  if (!(error instanceof Error)) return false;
  const { name, syscall } = error as DriverError;
  // Some errors have no class of the driver's own, such as a name unknown to DNS, or a socket that
  // the other end has closed.
  if (UNREACHABLE_ERRORS.has(name) || typeof syscall === 'string' || isOfSocket(codeOf(error))) return true;
  if (UNAVAILABLE_CODES.has(Number(codeOf(error)))) return true;
  return hasLabel(error, 'RetryableWriteError');
}

/** By the driver's rules for reads. */
export function isRetryableRead(error: unknown): boolean {
  if (hasLabel(error, 'SystemOverloadedError')) return false;
  return isNetworkError(error) || RETRYABLE_CODES.has(Number(codeOf(error)));
}

/** By the driver's rules for writes. */
export function isRetryableWrite(error: unknown): boolean {
  if (hasLabel(error, 'SystemOverloadedError')) return false;
  return hasLabel(error, 'RetryableWriteError') || hasLabel(error, 'PoolRequestedRetry');
}

/** Whether a command was refused as a whole for its content, before anything was done. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof SessionError || isUnavailable(error) || hasLabel(error, 'SystemOverloadedError')) return false;
  // A write concern fails when everything has been written.
  return !INTERRUPTED_CODES.has(Number(codeOf(error))) && (error as Error).name !== 'MongoWriteConcernError';
}

/**
 * Whether an operation timed out: waiting for its response, or as long as the driver waits for a
 * server.
 */
export function isTimeout(error: Error): boolean {
  if (error instanceof DeadlineError) return true;
  // A client whose first connection has failed has a closed topology.
  return error.cause instanceof Error && /^(MongoServerSelection|MongoTopologyClosed)Error$/.test(error.cause.name);
}

function isNetworkError(error: unknown): boolean {
  return NETWORK_ERRORS.has((error as Error).name);
}

function hasLabel(error: unknown, label: string): boolean {
  return (error as Partial<DriverError>).hasErrorLabel?.(label) ?? false;
}

/** System error codes such as EPIPE, which Node also uses itself, and those of a closed stream. */
function isOfSocket(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    /^(E[A-Z]+|ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END|ERR_SOCKET_CLOSED)$/.test(code)
  );
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as DriverError).code : undefined;
}

/** Name and code only, because the text of a server's error can contain values. */
function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const code = codeOf(error);
  return typeof code === 'number' || typeof code === 'string' ? `${name} ${code}` : name;
}
