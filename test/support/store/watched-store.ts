// A store on MongoDB, and the commands that its client sends.
import mongoose from 'mongoose';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from '../mongo.js';
import type { PortStore } from './describe-ports.js';
import { mongoStore } from './mongo-store.js';

export const newId = () => new mongoose.mongo.ObjectId().toHexString();

export const newUser = (userId: unknown = `ada ${newId()}`) => ({
  userId,
  revision: newId(),
  expiresAt: Date.UTC(2040, 0, 1),
});

let count = 0;

/** Each store has a client and a collection of its own. */
export function storesOf({ name, uri }: TestDatabase) {
  return function connect(options: mongoose.mongo.MongoClientOptions = {}, to = uri) {
    const own = new mongoose.mongo.MongoClient(to, { monitorCommands: true, heartbeatFrequencyMS: 500, ...options });
    onTestFinished(() => own.close());
    const commands: mongoose.mongo.Document[] = [];
    own.on('commandStarted', ({ command }) => commands.push(command));
    const collection = `sessions${count++}`;
    const { store } = mongoStore({ client: own, dbName: name, collection }, { timeoutMs: 5000, indexes: 'ensure' });
    return { own, store: store as unknown as PortStore, commands, collection };
  };
}
