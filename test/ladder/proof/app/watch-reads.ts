import type { mongo } from 'mongoose';

/** Counts what the sessions' reads were answered by. */
export function watchReads(client: mongo.MongoClient): { primary: number; others: number } {
  const counts = { primary: 0, others: 0 };
  const types = new Map<string, string>();
  const started = new Map<number, string>();
  client.on('serverDescriptionChanged', ({ address, newDescription }) => types.set(address, newDescription.type));
  client.on('commandStarted', ({ commandName, requestId, address }) => {
    if (commandName === 'find') started.set(requestId, types.get(address) ?? '');
  });
  client.on('commandFailed', ({ requestId }) => started.delete(requestId));
  client.on('commandSucceeded', ({ requestId }) => {
    const type = started.get(requestId);
    started.delete(requestId);
    if (type === 'RSPrimary') counts.primary += 1;
    else if (type !== undefined) counts.others += 1;
  });
  return counts;
}
