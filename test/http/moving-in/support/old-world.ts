// An app whose sessions were those of express-session and connect-mongo, and browsers that bring their old cookies.
import { MemorySessionStore, type SessionOptions } from '../../../../lib/index.js';
import { type ConnectMongoOptions, fromConnectMongo } from '../../../../lib/moving-in/index.js';
import type { Platform } from '../../../support/app.js';
import type { HttpClient } from '../../../support/http-client.js';
import type { TestDatabase } from '../../../support/mongo.js';
import { type World, startWorld } from '../../../support/world.js';
import { SECRET, until } from './old-sessions.js';

export interface OldWorldOptions {
  readonly source?: Partial<ConnectMongoOptions>;
  readonly sessions?: Partial<SessionOptions>;
  readonly isInMemory?: boolean;
}

let collections = 0;

export async function startOldWorld(
  { db }: TestDatabase,
  platform: Platform,
  { source = {}, sessions = {}, isInMemory = false }: OldWorldOptions = {},
) {
  const old = db.collection(`old_${++collections}`);
  const moved = db.collection(`new_${collections}`);
  const importer = fromConnectMongo({
    ...{ collection: old, cookie: 'connect.sid', secrets: [SECRET], until },
    userId: (data) => data['passport']?.user as unknown,
    ...source,
  });
  const place = isInMemory ? { store: new MemorySessionStore() } : { collection: moved.collectionName, db };
  const world = await startWorld(platform, { ...place, movingIn: [importer], ...sessions });
  const browser = (value: string) => {
    const twin = world.client();
    twin.jar.set('connect.sid', value);
    return twin;
  };
  return { world, old, moved, browser };
}

export const isOpened = (world: World, browser: HttpClient) => world.ask(browser, ({ session }) => !session.isNew);

/** The commands that the action causes. The client has to tell of them. */
export async function commandsOf({ client }: TestDatabase, action: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const note = ({ commandName }: { commandName: string }) => void names.push(commandName);
  client.on('commandStarted', note);
  await action();
  client.off('commandStarted', note);
  return names.filter((name) => ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate'].includes(name));
}
