import type { mongo } from 'mongoose';

export interface Commands {
  /** Names of the commands on this collection since the last call, in their order, but for those that look after its indexes. */
  on(collection: string): string[];
}

/** Notes what the driver sends. The client must have been made with `monitorCommands: true`. */
export function recordCommands(client: mongo.MongoClient): Commands {
  const seen: mongo.CommandStartedEvent[] = [];
  client.on('commandStarted', (event) => seen.push(event));
  return {
    on(collection) {
      const taken = seen.splice(0).filter(({ command, commandName }) => command[commandName] === collection);
      return taken.map(({ commandName }) => commandName).filter((name) => !name.endsWith('ndexes'));
    },
  };
}
