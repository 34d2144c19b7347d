// One document sealed and opened: what comes back, what does not, and what is refused.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Sealing, openDocument, sealDocument } from '../../../../lib/core/encryption/sealed-document.js';
import { readSealedElement } from '../../../../lib/core/encryption/sealed-element.js';
import { EMPTY_DOCUMENT, joinElements, readElements } from '../../../../lib/core/data/bson-elements.js';
import { hex, pack, everyType } from '../../../../lib/testing/contract/stored-sessions.js';
import { anyData } from '../../../support/core/arbitraries.js';
import { BSON, encode } from '../../../support/core/codec.js';
import { errorOf, newKey, printed, sealing } from './support/encryption.js';

const SECRET = 'plaintext-of-the-value';

/** The one element of a document, and the sealed bytes in it. */
function only(document: Uint8Array): { name: string; element: Uint8Array; sealed: Uint8Array } {
  const [[name, element]] = [...readElements(document)] as [[string, Uint8Array]];
  return { name, element, sealed: readSealedElement(element)! };
}

function withSealed(name: string, sealed: Uint8Array): Uint8Array {
  return BSON.serialize({ [name]: { '%enc': new BSON.Binary(sealed) } });
}

async function refusal(place: Sealing, document: Uint8Array): Promise<string> {
  const error = await errorOf(() => openDocument(place, document));
  expect(error.code).toBe('SESSION_UNDECODABLE');
  expect(printed(error)).not.toContain(SECRET);
  return error.message;
}

describe.each([{ hideKeyNames: false }, { hideKeyNames: true }])('a sealed document with %j', (given) => {
  test('opens to the very bytes that it was made of', () => {
    const place = sealing(given);
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect(hex(openDocument(place, sealDocument(place, bytes)))).toBe(hex(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('holds every type of BSON', () => {
    const place = sealing(given);
    const bytes = pack(everyType());
    const types = new Set(Array.from(readElements(bytes).values(), ([type]) => type));
    expect(types.size).toBeGreaterThanOrEqual(18);

    const sealed = sealDocument(place, bytes);

    expect(hex(openDocument(place, sealed))).toBe(hex(bytes));
    for (const element of readElements(sealed).values()) expect(element[0]).toBe(0x03);
  });

  test('is BSON that its library reads, and has one binary value for each key', () => {
    const values: unknown[] = Object.values(BSON.deserialize(sealDocument(sealing(given), pack({ a: 1, b: [2] }))));
    expect(values).toEqual([{ '%enc': expect.any(BSON.Binary) }, { '%enc': expect.any(BSON.Binary) }]);
  });

  test('of no data is no data', () => {
    expect(hex(sealDocument(sealing(given), EMPTY_DOCUMENT))).toBe(hex(EMPTY_DOCUMENT));
  });

  test('shows nothing of a value', () => {
    const sealed = sealDocument(sealing(given), pack({ k: SECRET }));
    expect(Buffer.from(sealed).includes(SECRET)).toBe(false);
    expect(Buffer.from(pack({ k: SECRET })).includes(SECRET)).toBe(true);
  });

  test('is refused when any bit of it was changed', async () => {
    const place = sealing(given);
    const { name, sealed } = only(sealDocument(place, pack({ k: SECRET })));
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bent = Buffer.from(sealed);
        bent[at]! ^= 1 << bit;
        await refusal(place, withSealed(name, bent));
      }
    }
    expect(openDocument(place, withSealed(name, sealed))).toEqual(pack({ k: SECRET }));
  });

  test('is refused when it was cut short or made longer', async () => {
    const place = sealing(given);
    const { name, sealed } = only(sealDocument(place, pack({ k: SECRET })));
    for (let length = 0; length < sealed.length; length++)
      await refusal(place, withSealed(name, sealed.subarray(0, length)));
    await refusal(place, withSealed(name, Buffer.concat([sealed, Buffer.of(0)])));
  });

  test('is refused in another form than its own', async () => {
    const place = sealing(given);
    const { name, sealed } = only(sealDocument(place, pack({ k: SECRET })));
    const binary = new BSON.Binary(sealed);
    for (const bent of [sealed.toString(), 1, null, {}, [binary]]) {
      await refusal(place, BSON.serialize({ [name]: { '%enc': bent } }));
    }
    await refusal(place, BSON.serialize({ [name]: { '%enc': binary, more: 1 } }));
  });

  test('is refused with another key, and opens with it as one of several', async () => {
    const [mine, other] = [newKey(), newKey()];
    const place = sealing({ ...given, keys: [mine] });
    const document = sealDocument(place, pack({ k: SECRET }));

    const message = await refusal({ ...place, ...ringOf(other) }, document);

    expect(message).toMatch(/not among `encryption.keys`/);
    expect(openDocument({ ...place, ...ringOf(other, mine) }, document)).toEqual(pack({ k: SECRET }));
  });

  test('of one session opens in another process, whichever sessions each has seen before', () => {
    const key = newKey();
    const [here, there] = [ringOf(key), ringOf(key)];
    const places = Array.from({ length: 3 }, () => sealing(given));
    const documents = places.map((place, n) => sealDocument({ ...place, ...here }, pack({ n })));
    for (const n of [2, 0, 1]) {
      expect(openDocument({ ...places[n]!, ...there }, documents[n]!)).toEqual(pack({ n }));
    }
  });

  test('is refused in another session and in another collection', async () => {
    const place = sealing(given);
    const document = sealDocument(place, pack({ k: SECRET }));
    await refusal({ ...place, handle: sealing().handle }, document);
    await refusal({ ...place, context: 'session' }, document);
    // The same letters, divided otherwise.
    await refusal({ ...place, context: `sessions${place.handle}`, handle: '' }, document);
  });

  test('is refused when two of its values have changed places', async () => {
    const place = sealing(given);
    const [a, b] = [...entriesOf(sealDocument(place, pack({ admin: false, flag: true })))] as [Entry, Entry];
    await refusal(place, BSON.serialize({ [a[0]]: b[1], [b[0]]: a[1] }));
    expect(openDocument(place, BSON.serialize({ [a[0]]: a[1], [b[0]]: b[1] }))).toEqual(
      pack({ admin: false, flag: true }),
    );
  });

  test('never uses a nonce twice, and every byte of it is random', () => {
    const place = sealing(given);
    const document = pack({ k: 1 });
    const nonces = Array.from({ length: 10_000 }, () => only(sealDocument(place, document)).sealed.subarray(9, 21));
    expect(new Set(nonces.map(hex)).size).toBe(nonces.length);
    for (let at = 0; at < 12; at++) expect(new Set(nonces.map((nonce) => nonce[at])).size).toBe(256);
  });
});

describe('the name of a key', () => {
  test('stays, so that the store can tell keys apart, unless it is to be hidden', () => {
    expect(only(sealDocument(sealing(), pack({ cart: 1 }))).name).toBe('cart');
    const hidden = sealDocument(sealing({ hideKeyNames: true }), pack({ 'the-cart': 1 }));
    expect(only(hidden).name).toMatch(/^%h[\w-]{22}$/);
    expect(Buffer.from(hidden).includes('the-cart')).toBe(false);
  });

  test('is hidden under the same name always, and under another one with another key', () => {
    const place = sealing({ hideKeyNames: true });
    const nameIn = (where: Sealing, key: string) => only(sealDocument(where, pack({ [key]: 1 }))).name;
    expect(nameIn(place, 'cart')).toBe(nameIn(place, 'cart'));
    expect(nameIn(place, 'cart')).not.toBe(nameIn(place, 'user'));
    expect(nameIn(place, 'cart')).not.toBe(nameIn({ ...place, ...ringOf(newKey()) }, 'cart'));
  });

  test('that is hidden needs a sealed value', async () => {
    const place = sealing({ hideKeyNames: true });
    const { name } = only(sealDocument(place, pack({ k: SECRET })));
    await refusal(place, pack({ [name]: SECRET }));
    await refusal(place, pack({ [name]: { some: SECRET } }));
  });

  test('that is stored twice gives the value under the name that is written today', () => {
    const [newest, oldest] = [newKey(), newKey()];
    const place = sealing({ keys: [newest, oldest], hideKeyNames: true });
    const before = sealDocument({ ...place, ...ringOf(oldest) }, pack({ k: 'old' }));
    const between = sealDocument({ ...place, hideKeyNames: false }, pack({ k: 'plain name' }));
    const today = sealDocument(place, pack({ k: 'today' }));
    const orders = [
      [before, between, today],
      [today, between, before],
      [between, today, before],
    ];
    for (const order of orders) {
      const elements = order.flatMap((document) => [...readElements(document).values()]);
      expect(openDocument(place, joinElements(elements))).toEqual(pack({ k: 'today' }));
      expect(openDocument({ ...place, hideKeyNames: false }, joinElements(elements))).toEqual(
        pack({ k: 'plain name' }),
      );
    }
  });
});

describe('a document from before encryption', () => {
  test('is read as it is', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encode(data);
        expect(hex(openDocument(sealing(), bytes))).toBe(hex(bytes));
      }),
    );
  });

  test('may hold the tag in a text', () => {
    const bytes = pack({ text: 'x%enc', longer: 'x%enc\0\0\0\0\0', list: ['%enc'], '0': [{ a: '%enc' }] });
    expect(hex(openDocument(sealing(), bytes))).toBe(hex(bytes));
  });

  test("can't be mistaken for an encrypted one, whatever its keys", () => {
    const { element } = only(sealDocument(sealing(), pack({ k: 1 })));
    const looksLike = BSON.deserialize(joinElements([element]), { promoteBuffers: true });
    const bytes = encode({ ...looksLike, '%habc': 1 });
    expect(hex(openDocument(sealing(), bytes))).toBe(hex(bytes));
  });
});

type Entry = [string, unknown];

function entriesOf(document: Uint8Array): Entry[] {
  return Object.entries(BSON.deserialize(document));
}

function ringOf(...keys: Uint8Array[]): Pick<Sealing, 'ring'> {
  return { ring: sealing({ keys }).ring };
}
