import type { mongo } from 'mongoose';
import type { SessionCollection } from '../documents/session-document.interface.js';
import { PLAIN_ANSWERS } from '../documents/bson-codec.js';
import { clientOf } from '../connection/client-state.js';
import type { StoreLog } from '../store-log.interface.js';
import { codeOf, isUnavailable } from '../store-error.js';

export type IndexMode = 'ensure' | 'check' | 'off';

/** Who removes expired sessions: the server, the sweeper of this library, or somebody else. */
export type CleanupMode = 'ttl' | 'sweep' | 'off';

/** Of sessions, or of users. */
export type IndexedCollection = Pick<SessionCollection, 'collectionName' | 'dbName' | 'listIndexes' | 'createIndex'>;

export interface WantedIndex {
  readonly field: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly options: {
    readonly expireAfterSeconds?: number;
    readonly sparse?: boolean;
    readonly collation?: { readonly locale: 'simple' };
  };
  /** What goes on without it. */
  readonly without: string;
}

/**
 * How long an expired document stays: the server removes it by its own clock, and the app's may be
 * behind.
 */
const TTL_SLACK_SECONDS = 3600;

/** How long a sweeper has before the server does its work for it. */
const SWEEP_SLACK_SECONDS = 86_400;

/** The indexes of a collection of sessions; reads by token go by `_id` and need none. */
export function sessionIndexes(cleanup: CleanupMode): readonly WantedIndex[] {
  const ofUsers = {
    field: 'userId',
    key: { userId: 1 },
    // A collation of the collection's would serve no search for a text as it is.
    options: { sparse: true, collation: { locale: 'simple' } },
    without: "finding a user's sessions reads them all",
  } as const;
  if (cleanup === 'off') return [ofUsers];
  const seconds = cleanup === 'ttl' ? TTL_SLACK_SECONDS : SWEEP_SLACK_SECONDS;
  const without = 'expired sessions are refused all the same, but stay in the collection for ever';
  return [ttlIndex(seconds, without), ofUsers];
}

/** The indexes of the collection of users; they are read by `_id`. */
export const USER_INDEXES: readonly WantedIndex[] = [
  ttlIndex(TTL_SLACK_SECONDS, 'what is kept of users who never come again stays in the collection for ever'),
];

function ttlIndex(expireAfterSeconds: number, without: string): WantedIndex {
  return { field: 'expiresAt', key: { expiresAt: 1 }, options: { expireAfterSeconds }, without };
}

const NAMESPACE_NOT_FOUND = 26;
const OPTIONS_CONFLICT = 85; // on the same field, with another name or other options
const NAME_CONFLICT = 86; // of the same name, on another field
const NO_RIGHTS = new Set<unknown>([13, 8000]); // Unauthorized, and Atlas's own
const NOT_THERE = new Set<unknown>([59, 115, 238]); // CommandNotFound, CommandNotSupported, NotImplemented

/** A conversion without a name goes by the field: the indexes could not be listed. */
type Step = { kind: 'create'; name: string } | { kind: 'convert'; name?: string; from?: number | undefined };

/**
 * Brings the indexes of the collection in order, or only looks. Every way in which this can fail
 * ends in the log, with the command that mends it, and nowhere else - except that an unreachable
 * server is thrown, for it means "later".
 */
export async function manageIndexes(
  collection: IndexedCollection,
  indexes: readonly WantedIndex[],
  mode: Exclude<IndexMode, 'off'>,
  log: StoreLog,
): Promise<void> {
  const present = await listIndexes(collection, indexes, mode, log);
  if (!present) return;
  for (const wanted of indexes) {
    const step = nextStep(wanted, present);
    if (!step) continue;
    const command = shellCommand(collection, wanted, step);
    if (mode === 'check') log.warn(`${describe(collection, wanted, step)}; ${wanted.without}. Run: ${command}`);
    else await take(step, wanted, collection, log);
  }
}

/** As the primary has them, whatever the app reads its own documents from. */
export function readIndexes(collection: Pick<IndexedCollection, 'listIndexes'>): Promise<mongo.Document[]> {
  return collection.listIndexes({ ...PLAIN_ANSWERS, readPreference: 'primary' }).toArray();
}

async function listIndexes(
  collection: IndexedCollection,
  indexes: readonly WantedIndex[],
  mode: IndexMode,
  log: StoreLog,
): Promise<mongo.Document[] | undefined> {
  try {
    return await readIndexes(collection);
  } catch (error) {
    if (codeOf(error) === NAMESPACE_NOT_FOUND) return [];
    if (isUnavailable(error)) throw error;
    // A user who may not list them may still create them. Creating one that exists does nothing.
    if (mode === 'ensure') return [];
    const commands = indexes.map((wanted) =>
      shellCommand(collection, wanted, { kind: 'create', name: defaultName(wanted) }),
    );
    log.warn(
      `The indexes of the collection "${collection.collectionName}" can't be listed: ${reason(error)}. ` +
        `Make sure that it has them, and set \`indexes: 'off'\`: ${commands.join('; ')}`,
    );
    return undefined;
  }
}

/**
 * What has to be done for this index; undefined when one that serves is there, whatever its name.
 */
function nextStep(wanted: WantedIndex, present: readonly mongo.Document[]): Step | undefined {
  const seconds = wanted.options.expireAfterSeconds;
  const usable = present.filter(({ key, partialFilterExpression, collation }) => {
    const fields = Object.entries(key as object);
    return (
      fields.length === 1 &&
      fields[0]![0] === wanted.field &&
      Math.abs(fields[0]![1] as number) === 1 &&
      !partialFilterExpression &&
      !(collation && wanted.options.collation)
    );
  });
  if (usable.some((index) => seconds === undefined || index['expireAfterSeconds'] === seconds)) return undefined;
  if (usable[0])
    return {
      kind: 'convert',
      name: usable[0]['name'] as string,
      from: usable[0]['expireAfterSeconds'] as number | undefined,
    };
  const isTaken = present.some(({ name }) => name === defaultName(wanted));
  return { kind: 'create', name: isTaken ? otherName(wanted) : defaultName(wanted) };
}

async function take(step: Step, wanted: WantedIndex, collection: IndexedCollection, log: StoreLog): Promise<void> {
  try {
    // Without a deadline: on a large collection an index takes its time, and nobody waits for it.
    if (step.kind === 'create') {
      await collection.createIndex(wanted.key, { ...PLAIN_ANSWERS, ...wanted.options, name: step.name });
      return;
    }
    const command = { collMod: collection.collectionName, index: conversion(wanted, step) };
    await clientOf(collection)!.db(collection.dbName).command(command, PLAIN_ANSWERS);
    if (step.name === undefined) return;
    log.warn(
      `${describe(collection, wanted, step)}: converted with collMod, so that sessions go when they have expired. ` +
        'Nothing has to be done.',
    );
  } catch (error) {
    if (isUnavailable(error)) throw error;
    const code = step.kind === 'create' ? codeOf(error) : undefined;
    if (code === NAME_CONFLICT && step.name !== otherName(wanted))
      return take({ kind: 'create', name: otherName(wanted) }, wanted, collection, log);
    if (code === OPTIONS_CONFLICT)
      return wanted.options.expireAfterSeconds === undefined
        ? undefined
        : take({ kind: 'convert' }, wanted, collection, log);
    log.warn(
      `${describe(collection, wanted, step)}, and it could not be mended: ${reason(error)}; ${wanted.without}. ` +
        remedy(error, shellCommand(collection, wanted, step, 'drop'), collection, wanted),
    );
  }
}

/** What collMod is told. */
function conversion({ key, options }: WantedIndex, { name }: Step): object {
  return { ...(name === undefined ? { keyPattern: key } : { name }), expireAfterSeconds: options.expireAfterSeconds };
}

function describe({ collectionName }: IndexedCollection, { field, options }: WantedIndex, step: Step): string {
  const where = `"${collectionName}"`;
  if (step.kind === 'create') return `The collection ${where} has no index on ${field}`;
  if (step.name === undefined) return `An index on ${field} of the collection ${where} may have no TTL, or another one`;
  const flaw =
    step.from === undefined
      ? 'has no TTL'
      : `has expireAfterSeconds ${step.from} instead of ${options.expireAfterSeconds}`;
  return `The index "${step.name}" of the collection ${where} ${flaw}`;
}

function reason(error: unknown): string {
  if (NO_RIGHTS.has(codeOf(error))) return 'this database user has no right to do it (the role readWrite has)';
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function remedy(error: unknown, command: string, { collectionName }: IndexedCollection, wanted: WantedIndex): string {
  if (!NOT_THERE.has(codeOf(error))) return `Run: ${command}`;
  if (wanted.options.expireAfterSeconds === undefined) return "This server can't have it: set `indexes: 'off'`.";
  const sweep = `db.getCollection(${JSON.stringify(collectionName)}).deleteMany({"expiresAt":{"$lt":new Date()}})`;
  return `This server has no TTL indexes: set \`indexes: 'off'\`, and run this from time to time: ${sweep}`;
}

/**
 * For mongosh, as it stands. An index that could not be converted has to go before another one on
 * the same field can come.
 */
function shellCommand({ collectionName }: IndexedCollection, wanted: WantedIndex, step: Step, way?: 'drop'): string {
  const collection = `db.getCollection(${JSON.stringify(collectionName)})`;
  const { name } = step;
  if (step.kind === 'convert' && (way !== 'drop' || name === undefined))
    return `db.runCommand(${JSON.stringify({ collMod: collectionName, index: conversion(wanted, step) })})`;
  const create = `${collection}.createIndex(${JSON.stringify(wanted.key)}, ${JSON.stringify({ ...wanted.options, name })})`;
  return step.kind === 'convert' ? `${collection}.dropIndex(${JSON.stringify(name)}); ${create}` : create;
}

function defaultName({ field }: WantedIndex): string {
  return `${field}_1`;
}

/** For when an index on something else has the default name. */
function otherName({ field }: WantedIndex): string {
  return `session_${field}`;
}
