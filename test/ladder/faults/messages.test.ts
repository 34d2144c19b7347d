// The proxy of the faults knows the commands, however the network has cut them.
import { expect, test } from 'vitest';
import { MessageSplitter } from '../../support/fault-proxy/messages.js';

/** A message of MongoDB's wire protocol with an empty string as the command's value, after sections of the other kind. */
function message(id: number, command: string, { answerTo = 0, sequence = Buffer.alloc(0) } = {}): Buffer {
  const element = Buffer.concat([Buffer.from([2]), Buffer.from(`${command}\0`), Buffer.from([1, 0, 0, 0, 0])]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(4 + element.length + 1);
  const body = Buffer.concat([Buffer.alloc(4), sequence, Buffer.from([0]), size, element, Buffer.from([0])]);
  const header = Buffer.alloc(16);
  for (const [index, value] of [16 + body.length, id, answerTo, 2013].entries()) header.writeInt32LE(value, index * 4);
  return Buffer.concat([header, body]);
}

const sequence = Buffer.from([1, 9, 0, 0, 0, 100, 0, 0, 0, 0]);
const all = Buffer.concat([message(1, 'find'), message(2, 'update', { sequence }), message(3, 'ok', { answerTo: 1 })]);

test.each([1, 2, 3, 7, 16, 17, 50, all.length])('in pieces of %d bytes', (size) => {
  const splitter = new MessageSplitter();
  const found = [];
  for (let at = 0; at < all.length; at += size) found.push(...splitter.push(all.subarray(at, at + size)));
  expect(found.map(({ id, answerTo, command }) => [id, answerTo, command])).toEqual([
    [1, 0, 'find'],
    [2, 0, 'update'],
    [3, 1, undefined],
  ]);
  expect(Buffer.concat(found.map(({ bytes }) => bytes))).toEqual(all);
});
