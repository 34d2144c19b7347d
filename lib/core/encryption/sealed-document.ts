import { joinElements, readElements } from '../session/bson-elements.js';
import { isHiddenName } from './encryption-key.js';
import type { KeyRing } from './key-ring.js';
import { readSealedElement, writeSealedElement } from './sealed-element.js';
import { type Place, openValue, sealValue, undecodable } from './sealed-value.js';

/** What the elements of one session's data have in common. */
export interface Sealing extends Omit<Place, 'name'> {
  readonly ring: KeyRing;
  readonly hideKeyNames: boolean;
}

/** Every element encrypted by itself, so that what changes one of them leaves the others alone. */
export function sealDocument(sealing: Sealing, data: Uint8Array): Uint8Array {
  const { ring, hideKeyNames } = sealing;
  const sealed = Array.from(readElements(data), ([key, element]) => {
    const [name] = ring.namesOf(key, hideKeyNames);
    return writeSealedElement(name, sealValue(ring.newest, { ...sealing, name }, element));
  });
  return joinElements(sealed);
}

/**
 * The data as it was. What is not encrypted, from before the option was set, stays as it is. Where a key is stored under two
 * names, by writers of which one did not know the other's keys, the name that is written today wins.
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

function openElement(sealing: Sealing, name: string, stored: Uint8Array): Uint8Array {
  const sealed = readSealedElement(stored);
  if (sealed) return openValue(sealing.ring, { ...sealing, name }, sealed);
  if (isHiddenName(name)) throw undecodable(sealing);
  return stored;
}

function nameOf(element: Uint8Array): string {
  return Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString('utf8', 1, element.indexOf(0, 1));
}
