import type { mongo } from 'mongoose';
import type { SessionCollection } from './session-document.interface.js';
import type { StoreLog } from './store-log.interface.js';
import { codeOf, isUnavailable } from './store-error.js';

export type IndexMode = 'ensure' | 'check' | 'off';

interface WantedIndex {
  readonly field: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly options: { readonly expireAfterSeconds?: number; readonly sparse?: boolean };
  /** What goes on without it. */
  readonly without: string;
}

/** The indexes of a collection of sessions; reads by token go by `_id` and need none. */
export const SESSION_INDEXES: readonly WantedIndex[] = [
  {
    field: 'expiresAt',
    key: { expiresAt: 1 },
    options: { expireAfterSeconds: 0 },
    without: 'expired sessions are refused all the same, but stay in the collection for ever',
  },
  {
    field: 'userId',
    key: { userId: 1 },
    options: { sparse: true },
    without: "finding a user's sessions reads them all",
  },
];

const NAMESPACE_NOT_FOUND = 26;
const NO_RIGHTS = new Set<unknown>([13, 8000]); // Unauthorized, and Atlas's own
const NOT_THERE = new Set<unknown>([59, 115, 238]); // CommandNotFound, CommandNotSupported, NotImplemented

type Step = { kind: 'create'; name: string } | { kind: 'convert'; name: string; from: number | undefined };

/**
 * Brings the indexes of the collection in order, or only looks. Every way in which this can fail ends in the log, with the
 * command that mends it, and nowhere else - except that an unreachable server is thrown, for it means "later".
 */
export async function manageIndexes(
  collection: SessionCollection,
  mode: Exclude<IndexMode, 'off'>,
  log: StoreLog,
): Promise<void> {
  const present = await listIndexes(collection, log);
  if (!present) return;
  for (const wanted of SESSION_INDEXES) {
    const step = nextStep(wanted, present);
    if (!step) continue;
    const command = shellCommand(collection, wanted, step);
    if (mode === 'check') log.warn(`${describe(collection, wanted, step)}; ${wanted.without}. Run: ${command}`);
    else await take(step, wanted, collection, log);
  }
}

async function listIndexes(collection: SessionCollection, log: StoreLog): Promise<mongo.Document[] | undefined> {
  try {
    return await collection.listIndexes().toArray();
  } catch (error) {
    if (codeOf(error) === NAMESPACE_NOT_FOUND) return [];
    if (isUnavailable(error)) throw error;
    const commands = SESSION_INDEXES.map((wanted) =>
      shellCommand(collection, wanted, { kind: 'create', name: defaultName(wanted) }),
    );
    log.warn(
      `The indexes of the collection "${collection.collectionName}" can't be listed: ${reason(error)}. ` +
        `Make sure that it has them, and set \`indexes: 'off'\`: ${commands.join('; ')}`,
    );
    return undefined;
  }
}

/** What has to be done for this index; undefined when one that serves is there, whatever its name. */
function nextStep(wanted: WantedIndex, present: readonly mongo.Document[]): Step | undefined {
  const seconds = wanted.options.expireAfterSeconds;
  const usable = present.filter(({ key, partialFilterExpression }) => {
    const fields = Object.entries(key as object);
    return (
      fields.length === 1 &&
      fields[0]![0] === wanted.field &&
      Math.abs(fields[0]![1] as number) === 1 &&
      !partialFilterExpression
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
  return { kind: 'create', name: isTaken ? `session_${wanted.field}` : defaultName(wanted) };
}

async function take(step: Step, wanted: WantedIndex, collection: SessionCollection, log: StoreLog): Promise<void> {
  try {
    // Without a deadline: on a large collection an index takes its time, and nobody waits for it.
    if (step.kind === 'create') {
      await collection.createIndex(wanted.key, { ...wanted.options, name: step.name });
    } else {
      await convert(step.name, wanted, collection);
      log.warn(
        `${describe(collection, wanted, step)}: converted with collMod, so that sessions go when they have expired. ` +
          'Nothing has to be done.',
      );
    }
  } catch (error) {
    if (isUnavailable(error)) throw error;
    log.warn(
      `${describe(collection, wanted, step)}, and it could not be mended: ${reason(error)}; ${wanted.without}. ` +
        remedy(error, shellCommand(collection, wanted, step, 'drop'), collection, wanted),
    );
  }
}

async function convert(name: string, wanted: WantedIndex, collection: SessionCollection): Promise<void> {
  const index = { name, expireAfterSeconds: wanted.options.expireAfterSeconds };
  await databaseOf(collection).command({ collMod: collection.collectionName, index });
}

function databaseOf(collection: SessionCollection): mongo.Db {
  return (collection as unknown as { client: mongo.MongoClient }).client.db(collection.dbName);
}

function describe({ collectionName }: SessionCollection, { field }: WantedIndex, step: Step): string {
  const where = `"${collectionName}"`;
  if (step.kind === 'create') return `The collection ${where} has no index on ${field}`;
  const flaw = step.from === undefined ? 'has no TTL' : `has expireAfterSeconds ${step.from} in place of 0`;
  return `The index "${step.name}" of the collection ${where} ${flaw}`;
}

function reason(error: unknown): string {
  if (NO_RIGHTS.has(codeOf(error))) return 'this database user has no right to do it (the role readWrite has)';
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function remedy(error: unknown, command: string, { collectionName }: SessionCollection, wanted: WantedIndex): string {
  if (!NOT_THERE.has(codeOf(error))) return `Run: ${command}`;
  if (wanted.options.expireAfterSeconds === undefined) return "This server can't have it: set `indexes: 'off'`.";
  const sweep = `db.getCollection(${JSON.stringify(collectionName)}).deleteMany({"expiresAt":{"$lt":new Date()}})`;
  return `This server has no TTL indexes: set \`indexes: 'off'\`, and run this from time to time: ${sweep}`;
}

/** For mongosh, as it stands. An index that could not be converted has to go before another one on the same field can come. */
function shellCommand({ collectionName }: SessionCollection, wanted: WantedIndex, step: Step, way?: 'drop'): string {
  const collection = `db.getCollection(${JSON.stringify(collectionName)})`;
  const { name } = step;
  if (step.kind === 'convert' && way !== 'drop') {
    const index = { name, expireAfterSeconds: wanted.options.expireAfterSeconds };
    return `db.runCommand(${JSON.stringify({ collMod: collectionName, index })})`;
  }
  const create = `${collection}.createIndex(${JSON.stringify(wanted.key)}, ${JSON.stringify({ ...wanted.options, name })})`;
  return step.kind === 'convert' ? `${collection}.dropIndex(${JSON.stringify(name)}); ${create}` : create;
}

function defaultName({ field }: WantedIndex): string {
  return `${field}_1`;
}
