// The MongoDB of this test run: databases of a test file's own, and failures of the server on demand.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import mongoose from 'mongoose';
import { afterAll, inject } from 'vitest';
import { leakScan } from './leak-scan/leak-scan.js';

const { MongoClient } = mongoose.mongo;
type Client = mongoose.mongo.MongoClient;

export interface TestDatabase {
  readonly client: Client;
  readonly db: mongoose.mongo.Db;
  readonly name: string;
  /** Leads to this database, for `mongoose.connect(uri)` and the module's own `uri` option. */
  readonly uri: string;
  /** What every connection made from `uri` calls itself, so that a failpoint can be meant for it. */
  readonly appName: string;
}

/**
 * A fresh client and a database that nobody else uses, dropped and closed after the test file (or the `describe`).
 * Call it where hooks may be registered: at the top of a file or in a `describe`.
 */
export function testDatabase(options: mongoose.mongo.MongoClientOptions = {}): TestDatabase {
  const name = `nms_test_${process.env['VITEST_POOL_ID'] ?? '0'}_${randomBytes(6).toString('hex')}`;
  const uri = uriOf(inject('mongo').uri, name);
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000, ...options });
  const db = client.db(name);
  afterAll(async () => {
    await clearFailCommand();
    // With a client of its own: a test may have closed its client, or given it deadlines.
    const cleaner = new MongoClient(inject('mongo').uri, { serverSelectionTimeoutMS: 10_000 });
    await scanDump(cleaner.db(name));
    await cleaner.db(name).dropDatabase();
    await cleaner.close();
    await client.close(true);
  });
  return { client, db, name, uri, appName: name };
}

/** Every byte of every document, for the leak scan. */
async function scanDump(db: mongoose.mongo.Db): Promise<void> {
  const scan = leakScan();
  if (!scan) return;
  for (const { collectionName } of await db.collections()) {
    for await (const document of db.collection(collectionName).find({}, { raw: true }))
      scan.saw('database', collectionName, document);
  }
}

function uriOf(server: string, name: string): string {
  const [, hosts = '', database = '', query = ''] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(server) ?? [];
  const search = new URLSearchParams(query);
  search.set('appName', name);
  // The database in the path is also where a user is looked for, unless authSource says otherwise.
  if (hosts.includes('@') && !search.has('authSource')) search.set('authSource', database || 'admin');
  return `${hosts}/${name}?${search}`;
}

export interface FailCommand {
  failCommands: string[];
  /** Whose commands fail; the client's own appName unless given. `null`: everybody's, other test files' too. */
  appName?: string | null;
  /** Always by default. */
  mode?: 'alwaysOn' | { times: number } | { skip: number } | { activationProbability: number };
  errorCode?: number;
  errorLabels?: string[];
  closeConnection?: boolean;
  /** Delays the command; mongod asks for both. */
  blockConnection?: boolean;
  blockTimeMS?: number;
  writeConcernError?: { code: number; errmsg: string };
}

let current: (() => Promise<void>) | undefined;

/**
 * Lets commands fail, or answer late, and returns the function that ends it (the end of the test file does so too).
 * It may wait while another worker has a failpoint: a server has only one.
 */
export async function failCommand(
  client: Client,
  { mode = 'alwaysOn', ...data }: FailCommand,
): Promise<() => Promise<void>> {
  if (current) throw new Error('a failpoint is set already: end it before setting another one');
  const { turnPort } = inject('mongo');
  const turn = createConnection({ host: '127.0.0.1', port: turnPort });
  const clear = async () => {
    if (current !== clear) return;
    current = undefined;
    try {
      await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    } finally {
      turn.destroy();
    }
  };
  current = clear;
  const { appName = client.options.appName, ...rest } = data;
  try {
    await once(turn, 'data');
    // The end of the run may cut it.
    turn.on('error', () => {});
    await client
      .db('admin')
      .command({ configureFailPoint: 'failCommand', mode, data: appName ? { ...rest, appName } : rest });
  } catch (error) {
    current = undefined;
    turn.destroy();
    throw error;
  }
  return clear;
}

async function clearFailCommand() {
  await current?.();
}

/** Runs the action while the server misbehaves. */
export async function during<T>(
  { client }: TestDatabase,
  failure: FailCommand | undefined,
  action: () => Promise<T>,
): Promise<T> {
  const end = failure && (await failCommand(client, failure));
  try {
    return await action();
  } finally {
    await end?.();
  }
}
