// Every fault, and how a request that meets it has to end.
import type { SessionErrorCode } from '../../../../lib/index.js';
import type { FailCommand } from '../../../support/http.js';
import type { Fault } from '../../../support/fault-proxy/fault.js';

/** Deadline of the app that is to miss it. */
export const HASTY_MS = 400;

export interface Trouble {
  readonly name: string;
  /** What the network does to the operation's command; `away`: nobody listens. */
  readonly network?: Fault | 'away';
  /** Every command meets it, greetings and heartbeats too. */
  readonly meetsAll?: true;
  /** What the server does, by its own failpoint. */
  readonly server?: Omit<FailCommand, 'failCommands'>;
  /**
   * - `done`: the request succeeds, and the operation was applied exactly once.
   * - `undone`: the request fails, and nothing has happened.
   * - `unknown`: the request fails; whether it was applied nobody could tell the app, but not twice.
   */
  readonly outcome: 'done' | 'undone' | 'unknown';
  /** Whether the deadline ends it: then the app has a short one. */
  readonly isSlow?: true;
  /** In the line of the log, of a failure. */
  readonly says?: RegExp;
  /** What the client is told; `SESSION_STORE_UNAVAILABLE` unless given. */
  readonly code?: SessionErrorCode;
  /** Only a write can meet it. */
  readonly isOfWrites?: true;
  /** Left to PROOF=1, for it takes long or is much like another. */
  readonly isLong?: true;
}

const AWAY = /MongoDB (can't be reached: (Mongo|Error EPIPE)|has not answered within \d+ ms)/;
const DEADLINE = new RegExp(`has not answered within ${HASTY_MS} ms`);
const REFUSED = /MongoDB refused a session's operation: MongoServerError 13 /;

export const TROUBLES: readonly Trouble[] = [
  { name: 'the connection breaks before it, once', network: { kind: 'cut', times: 1 }, outcome: 'done' },
  { name: 'the connection breaks before it, each time', network: { kind: 'cut' }, outcome: 'undone', says: AWAY },
  { name: 'the connection breaks after it, once', network: { kind: 'cut-after', times: 1 }, outcome: 'done' },
  { name: 'the connection breaks after it, each time', network: { kind: 'cut-after' }, outcome: 'unknown', says: AWAY },
  { name: 'it is swallowed', network: { kind: 'black-hole' }, outcome: 'undone', isSlow: true, says: DEADLINE },
  { name: 'it comes a little late', network: { kind: 'delay', ms: 50 }, outcome: 'done' },
  {
    name: 'it comes too late',
    network: { kind: 'delay', ms: 3 * HASTY_MS },
    outcome: 'unknown',
    isSlow: true,
    says: DEADLINE,
  },
  { name: 'the answer trickles', network: { kind: 'trickle', bytes: 64, everyMs: 2 }, outcome: 'done' },
  {
    name: 'the answer trickles for longer than the deadline',
    network: { kind: 'trickle', bytes: 1, everyMs: 20 },
    outcome: 'unknown',
    isSlow: true,
    says: DEADLINE,
  },
  { name: 'nobody listens', network: 'away', outcome: 'undone', isSlow: true, says: AWAY, isLong: true },
  {
    name: 'everything is swallowed, heartbeats too',
    network: { kind: 'black-hole' },
    meetsAll: true,
    outcome: 'undone',
    isSlow: true,
    says: AWAY,
    isLong: true,
  },
  {
    name: 'the server refuses',
    server: { errorCode: 13 },
    outcome: 'undone',
    says: REFUSED,
    code: 'SESSION_STORE_FAILED',
  },
  {
    name: 'the server is no primary any more, once',
    server: { errorCode: 10107, mode: { times: 1 } },
    outcome: 'done',
    isLong: true,
  },
  { name: 'the server is no primary, each time', server: { errorCode: 10107 }, outcome: 'undone', says: AWAY },
  {
    name: 'the server closes the connection, once',
    server: { closeConnection: true, mode: { times: 1 } },
    outcome: 'done',
    isLong: true,
  },
  {
    name: 'no majority confirms it in time',
    server: { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
    outcome: 'unknown',
    says: /MongoDB can't be reached: MongoWriteConcernError 64/,
    isOfWrites: true,
  },
  {
    name: 'the server is slower than the deadline',
    server: { blockConnection: true, blockTimeMS: 2 * HASTY_MS, mode: { times: 1 } },
    outcome: 'unknown',
    isSlow: true,
    says: DEADLINE,
    isLong: true,
  },
];
