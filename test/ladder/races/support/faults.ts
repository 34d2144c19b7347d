// Seeded faults: mistakes of other session libraries, put into this one, to see that the harness finds them.
import mongoose from 'mongoose';
import { EMPTY_DOCUMENT, joinElements, readElements } from '../../../../lib/core/data/bson-elements.js';
import type { SessionChange, StoredSession, WriteTarget } from '../../../../lib/index.js';
import type { SessionCollection } from '../../../../lib/mongo/documents/session-document.interface.js';
import { decode } from '../../../support/core/codec.js';
import type { InProcessOptions } from './in-process.js';
import type { Invariant } from './invariants.js';
import type { OperationName } from './operations.js';
import { type Racer, currentRacer } from './racer.js';
import { type PlainStore, wrapStore } from './stepped.store.js';

export interface Fault {
  readonly name: string;
  readonly races: readonly OperationName[];
  /** What has to catch it, among others. */
  readonly caughtBy: Invariant;
  readonly seed: (collection: SessionCollection) => InProcessOptions;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'upsert on update',
    races: ['set a', 'logout'],
    caughtBy: 'revived',
    seed: (collection) => ({ around: (store) => upserting(store, collection) }),
  },
  {
    name: 'whole-document write',
    races: ['set a', 'set b'],
    caughtBy: 'kept',
    seed: (collection) => ({ around: (store) => writingAll(store, collection) }),
  },
  { name: 'commit after headers', races: ['set a', 'read'], caughtBy: 'seen', seed: () => ({ commitsLate: true }) },
  { name: 'no epoch check', races: ['set b', 'login'], caughtBy: 'login', seed: () => ({ around: withoutEpochs }) },
];

/** A write that finds no session makes one. */
function upserting(store: PlainStore, collection: SessionCollection): PlainStore {
  return wrapStore(async (operation, args, call) => {
    if (operation !== 'update') return call();
    const [{ handle, epoch }, { set }] = args as [WriteTarget, SessionChange];
    if (!set) return call();
    const fields = Object.fromEntries(Object.entries(decode(set)).map(([key, value]) => [`data.${key}`, value]));
    await collection.updateOne({ _id: idOf(handle), epoch }, { $set: fields }, { upsert: true });
    return true;
  }, store);
}

/** A write brings back all that was read. */
function writingAll(store: PlainStore, collection: SessionCollection): PlainStore {
  const read = new WeakMap<Racer, Uint8Array>();
  return wrapStore(async (operation, args, call) => {
    if (operation === 'find') {
      const found = (await call()) as StoredSession | undefined;
      if (found) read.set(currentRacer()!, found.data);
      return found;
    }
    if (operation !== 'update') return call();
    const [{ handle, epoch }, { set, unset = [] }] = args as [WriteTarget, SessionChange];
    const elements = readElements(read.get(currentRacer()!) ?? EMPTY_DOCUMENT);
    for (const key of unset) elements.delete(key);
    for (const [key, element] of readElements(set ?? EMPTY_DOCUMENT)) elements.set(key, element);
    const data = decode(joinElements(elements.values()));
    const { matchedCount } = await collection.updateOne({ _id: idOf(handle), epoch }, { $set: { data } });
    return matchedCount === 1;
  }, store);
}

/** A write takes the session as it is by now. */
function withoutEpochs(store: PlainStore): PlainStore {
  return wrapStore(async (operation, args, call) => {
    if (operation !== 'update') return call();
    const [target, change] = args as [WriteTarget, SessionChange];
    const present = await store.find(target.handle);
    return present ? store.update({ ...target, epoch: present.epoch }, change) : false;
  }, store);
}

function idOf(handle: string): mongoose.mongo.ObjectId {
  return mongoose.mongo.ObjectId.createFromHexString(handle);
}
