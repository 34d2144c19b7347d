import { joinElements, readElements } from '../data/bson-elements.js';
import type { StoredSession } from '../store/session-store.interface.js';
import { isHiddenName } from './encryption-key.js';
import type { KeyRing } from './key-ring.js';
import { readSealedElement, writeSealedElement } from './sealed-element.js';
import { type Place, openValue, sealValue, undecodable } from './sealed-value.js';

const PERCENT = '%'.charCodeAt(0);

const NO_KEYS = 'is encrypted, but the option `encryption` is not set: set it, with the keys of before';

/** What the elements of one session's data have in common. */
export interface Sealing extends Omit<Place, 'name'> {
  readonly ring: KeyRing;
  readonly hideKeyNames: boolean;
}

/**
 * Encrypts each element by itself, so that changing one leaves the others alone.
 * @param nameFor the name that a key is stored under; today's by default
 */
export function sealDocument(sealing: Sealing, data: Uint8Array, nameFor = todaysName(sealing)): Uint8Array {
  const sealed = Array.from(readElements(data), ([key, element]) => {
    const name = nameFor(key);
    return writeSealedElement(name, sealValue(sealing.ring.newest, { ...sealing, name }, element));
  });
  return joinElements(sealed);
}

function todaysName({ ring, hideKeyNames }: Sealing): (key: string) => string {
  return (key) => ring.namesOf(key, hideKeyNames)[0];
}

/**
 * Decrypts the data. Values from before the option was set stay as they are. If a key is stored
 * under two names, by writers that did not know each other's keys, today's name wins.
 */
export function openDocument(sealing: Sealing, data: Uint8Array): Uint8Array {
  const { ring, hideKeyNames } = sealing;
  const opened = new Map<string, { readonly name: string; readonly element: Uint8Array }>();
  for (const [name, stored] of readElements(data)) {
    const element = openElement(sealing, name, stored);
    const key = nameOf(element);
    const rival = opened.get(key);
    const names = rival && ring.namesOf(key, hideKeyNames);
    if (!names || names.indexOf(name) < names.indexOf(rival.name)) opened.set(key, { name, element });
  }
  return joinElements(Array.from(opened.values(), ({ element }) => element));
}

/**
 * For a registration without keys: throws `SESSION_UNDECODABLE` if a value is encrypted. Most
 * sessions have no `%`, and need no closer look.
 */
export function refuseSealed(session: Pick<StoredSession, 'handle' | 'data'>): void {
  if (!session.data.includes(PERCENT)) return;
  for (const element of readElements(session.data).values()) {
    if (readSealedElement(element)) throw undecodable(session, NO_KEYS);
  }
}

/** The value of one key under its present name, encrypted and decrypted, each as a document. */
export function findSealed(
  sealing: Sealing,
  data: Uint8Array,
  key: string,
): { name: string; sealed: Uint8Array; opened: Uint8Array } | undefined {
  const elements = readElements(data);
  for (const name of sealing.ring.namesOf(key, sealing.hideKeyNames)) {
    const stored = elements.get(name);
    if (stored)
      return { name, sealed: joinElements([stored]), opened: joinElements([openElement(sealing, name, stored)]) };
  }
  return undefined;
}

function openElement(sealing: Sealing, name: string, stored: Uint8Array): Uint8Array {
  const sealed = readSealedElement(stored);
  if (sealed) return openValue(sealing.ring, { ...sealing, name }, sealed);
  if (isHiddenName(name)) throw undecodable(sealing);
  return stored;
}

function nameOf(element: Uint8Array): string {
  return Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString('utf8', 1, element.indexOf(0, 1));
}
