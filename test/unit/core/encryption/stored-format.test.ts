// What is stored today has to be readable for ever: documents of this format, and their reader after docs/24-encryption.md,
// written with Node's own cryptography only.
import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDocument, sealDocument } from '../../../../lib/core/encryption/sealed-document.js';
import { pack } from '../../../../lib/testing/contract/stored-sessions.js';
import { BSON } from '../../../support/core/codec.js';
import { sealing } from './support/encryption.js';

const KEY = createHash('sha256').update('a key for tests').digest();
/** Registration and collection, session, epoch. */
const PLACE = { keys: [KEY], context: 'default\0sessions', handle: '65f0c0ffee65f0c0ffee65f0', epoch: 3 };
const PURPOSE = 'nestjs-mongo-sessions/encryption/v1';

/** Of `{ cart: ['tea', 2] }`. */
const STORED = {
  named:
    'XQAAAANjYXJ0AFIAAAAFJWVuYwBCAAAAAAGTG24iyf45VM3eJo7pXXAYidQid/jmO8VbR0xp6zeFPJgnaOFvsHeLBpMTF1Bq0yPPonJpkxWTENUfYsaiLN1WtwAA',
  hidden:
    'cQAAAAMlaDJuR3BsdHhxQ2kzNmJ3ZFNCSkpwSmcAUgAAAAUlZW5jAEIAAAAAAZMbbiLJ/jlUIpfRhv5sm5x7bINh+hrKGMDzT34ZQ72UDSZlrxFmWniI4nbSMoylhLB+5/hoie9rChxiRJ8nSd+lAAA=',
};

interface Binary {
  readonly buffer: Uint8Array;
  readonly position: number;
}

function bytesOf(document: Uint8Array): [string, Buffer] {
  const [[name, value]] = Object.entries(BSON.deserialize(document)) as [[string, { '%enc': Binary }]];
  const { buffer, position } = value['%enc'];
  return [name, Buffer.from(buffer.subarray(0, position))];
}

function subkey(purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', KEY, '', `${PURPOSE}/${purpose}`, 32));
}

function lengthAnd(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

describe.each([{ hideKeyNames: false }, { hideKeyNames: true }])('the stored format with %j', (given) => {
  let place: ReturnType<typeof sealing>;
  beforeEach(() => {
    place = sealing({ ...PLACE, ...given });
  });
  const stored = Buffer.from(given.hideKeyNames ? STORED.hidden : STORED.named, 'base64');

  test('is read for ever', () => {
    expect(BSON.deserialize(openDocument(place, stored))).toEqual({ cart: ['tea', 2] });
  });

  test('is what the documentation says', () => {
    const [name, bytes] = bytesOf(sealDocument(place, pack({ cart: ['tea', 2] })));

    const hidden = createHmac('sha256', subkey('names')).update('cart').digest().subarray(0, 16);
    expect(name).toBe(given.hideKeyNames ? `%h${hidden.toString('base64url')}` : 'cart');
    expect(bytes[0]).toBe(1);
    const id = createHash('sha256').update(`${PURPOSE}/key-id\0`).update(KEY).digest().subarray(0, 8);
    expect(bytes.subarray(1, 9)).toEqual(id);
    const aesKey = createHmac('sha256', subkey('values')).update(PLACE.handle).digest();
    const decipher = createDecipheriv('aes-256-gcm', aesKey, bytes.subarray(9, 21));
    decipher.setAAD(Buffer.concat([Buffer.of(1), ...[PLACE.context, PLACE.handle, '3', name].map(lengthAnd)]));
    decipher.setAuthTag(bytes.subarray(-16));
    const element = Buffer.concat([decipher.update(bytes.subarray(21, -16)), decipher.final()]);
    expect(element).toEqual(Buffer.from(pack({ cart: ['tea', 2] }).subarray(4, -1)));
  });
});
