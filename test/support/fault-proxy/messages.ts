// As much of MongoDB's wire protocol as it takes to tell one command from another.

export interface WireMessage {
  readonly bytes: Buffer;
  readonly id: number;
  /** The id of the message that this one answers; 0 for a request. */
  readonly answerTo: number;
  /** Name of the command, such as `find`; undefined for the first greeting and for answers. */
  readonly command: string | undefined;
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;

/** Puts the messages of one direction of a connection together, however the network has cut them. */
export class MessageSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): WireMessage[] {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const messages: WireMessage[] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const length = this.#rest.readInt32LE(0);
      if (this.#rest.length < length) break;
      messages.push(readMessage(this.#rest.subarray(0, length)));
      this.#rest = this.#rest.subarray(length);
    }
    return messages;
  }
}

function readMessage(bytes: Buffer): WireMessage {
  const answerTo = bytes.readInt32LE(8);
  const isCommand = bytes.readInt32LE(12) === OP_MSG && answerTo === 0;
  return { bytes, id: bytes.readInt32LE(4), answerTo, command: isCommand ? commandOf(bytes) : undefined };
}

/** The first key of the body: four bytes of flags, then sections, of which the one of kind 0 is the body. */
function commandOf(bytes: Buffer): string | undefined {
  let at = HEADER_BYTES + 4;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes.readInt32LE(at + 1);
  // The kind, the length of the document, the type of its first element.
  const start = at + 1 + 4 + 1;
  const end = bytes.indexOf(0, start);
  return end > start ? bytes.toString('latin1', start, end) : undefined;
}
