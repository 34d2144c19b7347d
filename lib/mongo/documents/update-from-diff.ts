import type { mongo } from 'mongoose';
import { EMPTY_DOCUMENT, isEmptyDocument, joinElements, readElements } from '../../core/data/bson-elements.js';
import type { DataBounds } from '../../core/data/data-bounds.js';
import type { DataDiff } from '../../core/data/session-diff.js';
import type { SecretReplacement, SessionChange } from '../../core/store/session-store.interface.js';
import type { DeviceChange } from '../../core/store/user-session-store.interface.js';
import { decodeExactly, type BsonLibrary } from './bson-codec.js';
import { toRotationDocument } from './rotation-document.js';
import type { SessionDocument } from './session-document.interface.js';

export type SessionUpdate = mongo.UpdateFilter<SessionDocument>;

/**
 * Makes one update of one commit. Only changes are sent, so parallel changes of other keys stay.
 */
export function updateFromDiff(change: SessionChange, bson: BsonLibrary): SessionUpdate {
  const set = change.set ? fieldsOf('data', change.set, bson) : {};
  const unset: Record<string, ''> = {};
  for (const key of change.unset ?? []) if (!(`data.${key}` in set)) unset[`data.${key}`] = '';
  let max = {};
  if (change.times) {
    const times = { lastSeenAt: new Date(change.times.lastSeenAt), expiresAt: new Date(change.times.expiresAt) };
    if (change.permanent === undefined) max = times;
    else Object.assign(set, times);
  }
  if (change.lastSeenAt !== undefined) max = { lastSeenAt: new Date(change.lastSeenAt) };
  if (change.permanent === null) unset['meta.permanent'] = '';
  else if (change.permanent !== undefined) set['meta.permanent'] = change.permanent;
  if (change.device) Object.assign(set, fieldsOf('meta.device', change.device, bson));
  return toUpdate({ $set: set, $unset: unset, $max: max });
}

/** What is known of a device as one update, in which nothing else of the session changes. */
export function updateFromDevice({ set, unset = [] }: DeviceChange, bson: BsonLibrary): SessionUpdate {
  const given = readElements(set ?? EMPTY_DOCUMENT);
  const removed = unset.filter((name) => !given.has(name));
  return toUpdate({
    $set: set ? fieldsOf('meta.device', set, bson) : {},
    $unset: Object.fromEntries(removed.map((name) => [`meta.device.${name}`, ''])),
  });
}

/**
 * The driver refuses an update without an operator. This one changes nothing, and still tells
 * whether the session exists.
 */
function toUpdate(operators: Record<string, object>): SessionUpdate {
  const update = withoutEmpty(operators);
  return Object.keys(update).length > 0 ? update : { $setOnInsert: { v: 1 } };
}

/** The elements of a document, as fields under this path. */
function fieldsOf(path: string, document: Uint8Array, bson: BsonLibrary): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (isEmptyDocument(document)) return fields;
  for (const [key, value] of Object.entries(decodeExactly(bson, document))) fields[`${path}.${key}`] = value;
  return fields;
}

function withoutEmpty(update: Record<string, object>): SessionUpdate {
  return Object.fromEntries(Object.entries(update).filter(([, fields]) => Object.keys(fields).length > 0));
}

/** A new secret, one epoch higher. */
export function updateFromSecret(change: SecretReplacement, library: typeof mongo): SessionUpdate | mongo.Document[] {
  const { keep, data, times, userId, authenticatedAt, amr, device } = change;
  const fields = {
    secretHash: new library.Binary(change.secretHash),
    createdAt: new Date(change.createdAt),
    lastSeenAt: new Date(times.lastSeenAt),
    expiresAt: new Date(times.expiresAt),
    rotation: toRotationDocument({ revision: 1, issuedAt: times.lastSeenAt }, library),
    ...(data ? { data: decodeExactly(library.BSON, data.next) } : keep !== true && keep.length === 0 && { data: {} }),
    userId,
    'meta.authenticatedAt': authenticatedAt && new Date(authenticatedAt),
    'meta.amr': amr,
    'meta.device': device && (isEmptyDocument(device) ? null : decodeExactly(library.BSON, device)),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (data || keep === true || keep.length === 0) {
    const $set = Object.fromEntries(given.filter(([, value]) => value !== null));
    const $unset = Object.fromEntries(given.filter(([, value]) => value === null).map(([field]) => [field, '']));
    return withoutEmpty({ $set, $unset, $inc: { epoch: 1 } });
  }
  // A pipeline reads the document as it is at that moment. Values are literals, because a `$` in a
  // text would mean a field.
  const literals = given.map(([field, value]) => [field, value === null ? '$$REMOVE' : { $literal: value }]);
  return [{ $set: { ...Object.fromEntries(literals), epoch: { $add: ['$epoch', 1] }, data: onlyKeys(keep) } }];
}

/**
 * The data reduced to these keys by the server, as they are at that moment. Keys are compared as
 * text: in paths (`'$data.key'`), spaces, colons and dollars would have a meaning.
 */
function onlyKeys(keys: readonly string[]): mongo.Document {
  const kept = { $filter: { input: { $objectToArray: '$data' }, cond: { $in: ['$$this.k', { $literal: keys }] } } };
  return { $arrayToObject: kept };
}

/**
 * Whether the data are within their limits after a change, or no larger than before, as an
 * expression.
 */
export function fitsBounds({ set, unset = [] }: DataDiff, bounds: DataBounds): mongo.Document {
  const bytes = set?.length ?? 0;
  const setKeys = [...readElements(set ?? EMPTY_DOCUMENT).keys()];
  const size = { $bsonSize: '$data' };
  const all = { $objectToArray: '$data' };
  const touched = { $filter: { input: all, cond: { $in: ['$$this.k', { $literal: [...setKeys, ...unset] }] } } };
  const freed = { $bsonSize: { $arrayToObject: touched } };
  return {
    $or: [
      // Nearly always true: so few bytes can't be too many keys either.
      { $lte: [size, Math.min(bounds.maxSize, MIN_ELEMENT_BYTES * bounds.maxKeys) - bytes] },
      {
        $and: [
          { $or: [{ $gte: [freed, bytes] }, { $lte: [{ $add: [size, bytes] }, { $add: [freed, bounds.maxSize] }] }] },
          {
            $or: [
              { $gte: [{ $size: touched }, setKeys.length] },
              { $lte: [{ $add: [{ $size: all }, setKeys.length] }, { $add: [{ $size: touched }, bounds.maxKeys] }] },
            ],
          },
        ],
      },
    ],
  };
}

/** Minimum size of an element: its type, a name of one byte and a zero. */
const MIN_ELEMENT_BYTES = 3;

/** Whether a key of the data has exactly this value (undefined: none), as an expression. */
export function holdsJust(key: string, expected: Uint8Array | undefined, bson: BsonLibrary): mongo.Document {
  // By name, because in a path (`'$data.key'`) spaces, colons and dollars would have a meaning.
  const present = { $getField: { field: { $literal: key }, input: '$data' } };
  if (!expected) return { $eq: [{ $type: present }, 'missing'] };
  return { $eq: [present, { $literal: decodeExactly(bson, expected)[key] }] };
}

/** The same for what was read: whether these keys have nothing but what is expected. */
export function holds(data: Uint8Array, keys: readonly string[], expected = EMPTY_DOCUMENT): boolean {
  const present = [...readElements(data)].filter(([key]) => keys.includes(key));
  return Buffer.compare(joinElements(present.map(([, element]) => element)), expected) === 0;
}
