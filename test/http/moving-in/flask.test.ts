// Sessions of flask-mongo-sessions: the script of docs/32-moving-in.md turns their pickles into documents, which move in.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromDocuments } from '../../../lib/moving-in/index.js';
import { codeBlocksOf, readPage } from '../../docs/support/pages.js';
import { PLATFORMS } from '../../support/app.js';
import { testDatabase } from '../../support/mongo.js';
import { DAY, startWorld } from '../../support/world.js';
import { until } from './support/old-sessions.js';

/** What the script needs of pymongo: a collection of one document, as flask-mongo-sessions writes it. */
const PYMONGO = `
import json, pickle

class Collection:
    def find(self, query):
        yield {'_id': '0123456789abcdef0123456789abcdef', 'd': pickle.dumps({'cart': ['tea'], 'user': 'ada'}, 2), 'exp': 'then'}

    def replace_one(self, query, document):
        print(json.dumps([query, document]))

class MongoClient:
    def __init__(self, uri):
        pass

    def get_default_database(self):
        return {'sessions': Collection()}
`;

const { db } = testDatabase();
let folder: string;
let written: [{ _id: string }, { _id: string; data: object }];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flask-'));
  const script = codeBlocksOf(readPage('docs/32-moving-in.md')).find(({ language }) => language === 'python')!;
  await writeFile(join(folder, 'plain_sessions.py'), script.code);
  await writeFile(join(folder, 'pymongo.py'), PYMONGO);
  const args = [join(folder, 'plain_sessions.py'), 'mongodb://localhost/shop', 'sessions'];
  const { stdout } = await promisify(execFile)('python3', args, { env: { ...process.env, PYTHONPATH: folder } });
  written = JSON.parse(stdout) as typeof written;
});
afterAll(() => rm(folder, { recursive: true }));

describe('flask-mongo-sessions', () => {
  test.each(PLATFORMS)('moves in from the documents that the script has written, on %s', async (platform) => {
    const [query, document] = written;
    expect(query._id).toBe(document._id);
    const collection = `flask_${platform}`;
    await db
      .collection(collection)
      .insertOne({ ...document, _id: document._id as never, expires: new Date(Date.now() + DAY) });
    const source = fromDocuments({
      ...{ collection, cookie: 'session', secrets: ['a secret of thirty-two characters'], until },
      userId: ({ user }) => user as unknown,
      idOf: (value) => (/^[0-9a-f]{32}$/.test(value) ? value : undefined),
      decode: ({ data, expires }) => ({ data: data as object, expiresAt: expires as Date }),
    });
    const world = await startWorld(platform, { collection: `from_${collection}`, db, movingIn: [source] });
    const browser = world.client();
    browser.jar.set('session', document._id);
    expect(await world.ask(browser, ({ session }) => [session.userId, session['cart']])).toEqual(['ada', ['tea']]);
    expect(await db.collection(collection).countDocuments()).toBe(0);
  });
});
