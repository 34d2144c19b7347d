import type { mongo } from 'mongoose';

export interface Commands {
  /** Names of the commands on these collections since the last call, in their order, but for those that look after its indexes. */
  on(...collections: string[]): string[];
}

/** Notes what the driver sends. The client must have been made with `monitorCommands: true`. */
export function recordCommands(client: mongo.MongoClient): Commands {
  const seen: mongo.CommandStartedEvent[] = [];
  client.on('commandStarted', (event) => seen.push(event));
  const on = (...collections: string[]) => {
    const taken = seen
      .splice(0)
      .filter(({ command, commandName }) => collections.includes(command[commandName] as string));
    return taken.map(({ commandName }) => commandName).filter((name) => !name.endsWith('ndexes'));
  };
  return { on };
}
